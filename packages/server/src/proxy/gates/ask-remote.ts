import { describeFailure } from '../../service/describe-failure.ts'
import { GATE_ATTRIBUTE } from '../../service/gates.ts'
import { PROXY } from '../../service/proxy-events.ts'
import type { RemoteSettings } from '../../service/proxy-settings/remote-settings.ts'
import { IDENTITY_NEEDED } from '../answers/identity-needed.ts'
import type { OwnAnswer } from '../answers/own-answer.ts'
import { problemAnswer } from '../answers/problem-answer.ts'
import { denial } from '../limits/denial.ts'
import { giveBackAll } from '../limits/give-back-spends.ts'
import { attributesAt, type KnownAttributes } from '../limits/known-attributes.ts'
import { undecided } from '../limits/undecided.ts'
import type { Exchange } from '../proxy-exchange.ts'
import type { Stage, Verdict } from '../stage.ts'

export const askRemote: Stage = {
  name: 'limits of another service',
  does: 'Where `service` names one: asks it about the request, with all attributes; a denial gives back what was spent before.',
  answers: [
    [429, 'rate-limited'],
    [403, 'denied'],
    [503, 'store-unavailable'],
    [400, 'bad-request'],
    [401, 'unauthenticated'],
  ],
  run: (exchange) => {
    const { remote } = exchange.proxy.settings
    return remote === null ? null : ask(exchange, remote)
  },
}

async function ask(exchange: Exchange, settings: RemoteSettings): Promise<Verdict> {
  try {
    return await judge(exchange, settings, await attributesAt(exchange, 'principal'))
  } catch (reason) {
    // Attributes that cannot be read are a mistake of the client.
    return undecided(exchange, reason)
  }
}

async function judge(
  exchange: Exchange,
  settings: RemoteSettings,
  { [GATE_ATTRIBUTE]: _, ...who }: KnownAttributes,
): Promise<Verdict> {
  const { remote } = exchange.proxy
  try {
    const decision = await remote.decide(settings, who)
    if (decision.allowed) {
      if (decision.policy !== null) exchange.decisions.push(decision)
      return null
    }
    giveBackAll(exchange)
    return decision.source === 'closed' ? unavailable() : denial(exchange, decision)
  } catch (reason) {
    giveBackAll(exchange)
    return refusal(exchange, reason)
  }
}

/** What becomes of an error in place of a decision. */
function refusal({ proxy, identity }: Exchange, reason: unknown): OwnAnswer {
  const { code, isCallers, detail } = describeFailure(reason)
  // A policy that refuses requests without an identity asks for one.
  if (code === 'invalid-key' && identity === null) return IDENTITY_NEEDED
  // Whoever calls the service is this proxy: a token that is none is no mistake of its clients.
  const told = isCallers
    ? new Error(`proxy.service refuses what it is asked: ${detail}`, { cause: reason })
    : reason
  proxy.service.fail(told, { transport: PROXY })
  return unavailable()
}

/** What it is about is told by the log: clients can do nothing about it. */
function unavailable(): OwnAnswer {
  return problemAnswer('store-unavailable', 'limits cannot be checked now', { fields: ['retry-after', '1'] })
}
