import type { Decision, DecisionVerb, KeyView, PolicyOptions } from 'headgate'
import type { DecisionMade } from '../events.ts'
import type { BudgetsOf, ShownBudget } from './budgets-of.ts'
import { Ring } from './ring.ts'

/** How many denials are kept. */
export const DENIALS_KEPT = 1000

/** Most budgets that are kept of a denial. */
const KEYS_MAX = 20

/** A denial as it may be shown. */
export interface DenialView {
  readonly id: string
  /** In milliseconds since 1970. */
  readonly at: number
  readonly policy: string | null
  readonly rule: string | null
  readonly reason: Decision['reason']
  readonly source: Decision['source']
  readonly verb: DecisionVerb
  readonly transport: string
  readonly cost: number
  /** Null: no wait helped. */
  readonly retryAfterMs: number | null
  /** Whose budgets were asked, by policy. */
  readonly keys: readonly KeyView[]
  /** The name of the token that it came with; null where that is none, or is not for this caller to know. */
  readonly actor: string | null
}

interface Made {
  readonly event: DecisionMade
  readonly at: number
}

/** A denial that is kept, with what decides who sees it: plain data. */
export interface KeptDenial extends Omit<DenialView, 'keys'> {
  readonly keys: readonly ShownBudget[]
  /** Its policy as it was then. */
  readonly options: PolicyOptions | undefined
}

/** The last denials of this thread. While a denial is told it is only put aside; who it was about is found out later. */
export class RecentDenials {
  readonly #budgets: BudgetsOf
  readonly #made = new Ring<Made>(DENIALS_KEPT)
  readonly #kept = new Ring<KeptDenial>(DENIALS_KEPT)

  constructor(budgets: BudgetsOf) {
    this.#budgets = budgets
  }

  push(event: DecisionMade, at: number): void {
    this.#made.push({ event, at })
  }

  /** Makes of those put aside what is kept, by the policies known now. */
  drain(): void {
    for (const { event, at } of this.#made.take()) this.#kept.push(keptDenial(event, at, this.#budgets))
  }

  /** Newest first. */
  part(): KeptDenial[] {
    this.drain()
    return this.#kept.newestFirst()
  }
}

/** Makes of a denial what may be kept of it. */
export function keptDenial(event: DecisionMade, at: number, budgets: BudgetsOf): KeptDenial {
  const { decision, id, verb, transport, cost, request, actor = null } = event
  const { policy, rule, reason, source, retryAfterMs } = decision
  const options = policy === null ? undefined : budgets.policy(policy)
  const keys = request === null ? [] : budgets.of(request).slice(0, KEYS_MAX)
  return {
    id: id as string,
    at,
    policy,
    rule,
    reason,
    source,
    verb,
    transport,
    cost,
    retryAfterMs,
    keys,
    actor,
    options,
  }
}
