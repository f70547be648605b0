import { GATE_ATTRIBUTE, outcomeGate } from '../../service/gates.ts'
import type { OutcomePolicy } from '../../service/proxy-settings/proxy-settings.ts'
import type { Exchange, OutcomeSpend } from '../proxy-exchange.ts'
import { PROXY } from '../proxy-name.ts'
import { giveBack } from './give-back-spends.ts'

/** What a response said. */
export interface ResponseSeen {
  /** 0 where the client hung up before there was one. */
  readonly status: number
  /** Value of a field; null where it is absent. */
  field(name: string): string | null
}

/** Settles what the response decides; once, at the end. A client that hung up gets nothing back: it could do so each time. */
export function settle(exchange: Exchange, response: ResponseSeen): void {
  const { spends, proxy } = exchange
  for (const spend of spends) {
    const policy = proxy.settings.outcomes.find(({ policy: name }) => name === spend.policy)
    if (policy !== undefined && response.status !== 0) settleOne(exchange, { spend, policy, response })
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
  const actual = costField === null ? null : unitsIn(response.field(costField))
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
