import type { LimitRequest } from 'headgate'
import type { Decided } from '../../service/create-decide.ts'
import { GATE_ATTRIBUTE, type Gate, outcomeGate } from '../../service/gates.ts'
import { PROXY } from '../../service/proxy-events.ts'
import { denial } from '../limits/denial.ts'
import { giveBackAll } from '../limits/give-back-spends.ts'
import { attributesAt, type KnownAttributes } from '../limits/known-attributes.ts'
import { undecided } from '../limits/undecided.ts'
import type { Exchange } from '../proxy-exchange.ts'
import type { Stage, Verdict } from '../stage.ts'

export const limitAddress: Stage = {
  name: 'limits of the address',
  does: 'Spends from the policies whose attributes are known before anybody authenticates: address, host, method, path, header fields.',
  answers: [
    [429, 'rate-limited'],
    [403, 'denied'],
    [503, 'store-unavailable'],
    [400, 'bad-request'],
  ],
  run: (exchange) => judge(exchange, 'address'),
}

export const limitPrincipal: Stage = {
  name: 'limits of the principal',
  does: 'Spends from all other policies; a denial gives back what was spent before.',
  answers: [
    [429, 'rate-limited'],
    [403, 'denied'],
    [503, 'store-unavailable'],
    [400, 'bad-request'],
    [401, 'unauthenticated'],
  ],
  run: (exchange) => judge(exchange, 'principal'),
}

function judge(exchange: Exchange, gate: Gate): Verdict | Promise<Verdict> {
  const { gates } = exchange.proxy.inForce
  if (!gates.has(gate) && gates.outcomes[gate].length === 0) return null
  const failed = (reason: unknown): Verdict => undecided(exchange, reason)
  try {
    const who = attributesAt(exchange, gate)
    if (who instanceof Promise) return who.then((known) => decide(exchange, gate, known)).catch(failed)
    const verdict = decide(exchange, gate, who)
    return verdict instanceof Promise ? verdict.catch(failed) : verdict
  } catch (reason) {
    return failed(reason)
  }
}

function decide(exchange: Exchange, gate: Gate, who: KnownAttributes): Verdict | Promise<Verdict> {
  const { service, inForce } = exchange.proxy
  const { gates } = inForce
  const outcomes = gates.outcomes[gate]
  if (outcomes.length === 0) {
    const made = service.decideAtOnce({ who }, ORIGIN)
    if (made !== null) return taken(exchange, made, { who, settled: [] })
  }
  const settled: LimitRequest[] = outcomes.map(({ policy }) => {
    return { who: { ...who, [GATE_ATTRIBUTE]: outcomeGate(policy) } }
  })
  const asked = gates.has(gate) ? [{ who }, ...settled] : settled
  const names = outcomes.map(({ policy }) => policy)
  return service.decide(asked, ORIGIN).then((made) => taken(exchange, made, { who, settled: names }))
}

const ORIGIN = { transport: PROXY } as const

interface Asked {
  readonly who: KnownAttributes
  /** Names of policies. */
  readonly settled: readonly string[]
}

/** Keeps what was decided; of the last decisions each is that of a policy which the response settles. */
function taken(exchange: Exchange, { decisions }: Decided, { who, settled }: Asked): Verdict {
  const denied = decisions.find(({ allowed }) => !allowed)
  if (denied !== undefined) {
    giveBackAll(exchange)
    exchange.judged = { attributes: who, allowed: false }
    return denial(exchange, denied)
  }
  exchange.judged = { attributes: who, allowed: true }
  const plain = decisions.length - settled.length
  for (const [i, decision] of decisions.entries()) {
    if (decision.policy !== null) exchange.decisions.push(decision)
    const { receipt, cost } = decision
    if (receipt === null) continue
    if (i < plain) exchange.receipts.push(receipt)
    else exchange.spends.push({ policy: settled[i - plain] as string, receipt, cost, who })
  }
  return null
}
