import { GATE_ATTRIBUTE, outcomeGate } from '../../service/gates.ts'
import { PROXY } from '../../service/proxy-events.ts'
import type { OutcomePolicy } from '../../service/proxy-settings/proxy-settings.ts'
import type { Exchange, OutcomeSpend } from '../proxy-exchange.ts'
import { fieldOf } from '../request/canonical-request.ts'
import { giveBack } from './give-back-spends.ts'
import { tellJudged } from './tell-judged.ts'

/** The head of a response. */
export interface ResponseSeen {
  readonly status: number
  /** In flat pairs, names in lower case. */
  readonly fields: readonly string[]
}

/**
 * Settles what the response decides, as soon as its head is known: a body, or a WebSocket, may take hours. A client that hangs up before
 * gets nothing back: it could do so each time.
 */
export function settle(exchange: Exchange, response: ResponseSeen): void {
  const { spends, proxy } = exchange
  tellJudged(exchange, response.status)
  for (const spend of spends) {
    const policy = proxy.settings.outcomes.find(({ policy: name }) => name === spend.policy)
    if (policy !== undefined) settleOne(exchange, { spend, policy, response })
  }
  spends.length = 0
}

interface Settled {
  readonly spend: OutcomeSpend
  readonly policy: OutcomePolicy
  readonly response: ResponseSeen
}

function settleOne(exchange: Exchange, { spend, policy, response }: Settled): void {
  const { statuses, costField } = policy
  const counts =
    statuses === null || statuses.some(([first, last]) => first <= response.status && response.status <= last)
  if (!counts) {
    giveBack(exchange, spend.receipt)
    return
  }
  const actual = costField === null ? null : unitsIn(fieldOf(response, costField))
  if (actual === null || actual === spend.cost) return
  if (actual < spend.cost) giveBack(exchange, spend.receipt, spend.cost - actual)
  else charge(exchange, spend, actual - spend.cost)
}

/** Whole units of a field; null where it has none. */
function unitsIn(text: string | null): number | null {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null
}

function charge({ proxy: { service } }: Exchange, { who, policy }: OutcomeSpend, cost: number): void {
  const request = { who: { ...who, [GATE_ATTRIBUTE]: outcomeGate(policy) }, cost }
  service
    .report([request], { transport: PROXY })
    .catch((reason: unknown) => service.fail(reason, { transport: PROXY }))
}
