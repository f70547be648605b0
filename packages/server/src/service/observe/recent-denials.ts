import type { Decision, DecisionVerb, KeyView, PolicyOptions } from 'headgate'
import type { Visibility } from '../access/visibility.ts'
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

/** Which denials are wanted. */
export interface DenialQuery {
  /** @default all */
  readonly policy?: string
  /** How many at most. */
  readonly limit: number
}

interface Made {
  readonly event: DecisionMade
  readonly at: number
}

/** A denial that is kept, with what decides who sees it. */
export interface KeptDenial extends Omit<DenialView, 'keys'> {
  readonly keys: readonly ShownBudget[]
  /** Its policy as it was then. */
  readonly options: PolicyOptions | undefined
}

/** The last denials of this process. While a denial is told it is only put aside; who it was about is found out later. */
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

  /** Since when all denials are kept, in milliseconds since 1970; null where none is given up yet. */
  get since(): number | null {
    this.drain()
    return this.#kept.oldestOfFull?.at ?? null
  }

  /** Newest first. */
  list(visibility: Visibility, { policy, limit }: DenialQuery): DenialView[] {
    this.drain()
    return this.#kept
      .newestFirst()
      .filter((denial) => (policy === undefined || denial.policy === policy) && isSeen(denial, visibility))
      .slice(0, limit)
      .map((denial) => denialView(denial, visibility))
  }

  /** Undefined where it is not among those kept, or is not for this caller. */
  find(visibility: Visibility, id: string): DenialView | undefined {
    this.drain()
    const found = this.#kept.newestFirst().find((denial) => denial.id === id)
    return found !== undefined && isSeen(found, visibility) ? denialView(found, visibility) : undefined
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

/** Whether somebody may see it. */
export function isSeen(
  { policy, options }: Pick<KeptDenial, 'policy' | 'options'>,
  visibility: Visibility,
): boolean {
  return visibility.isAll || (policy !== null && visibility.reaches(policy, options))
}

/** What somebody who may see it sees of it. */
export function denialView({ options: _, ...denial }: KeptDenial, visibility: Visibility): DenialView {
  const { keys, actor } = denial
  const seen = keys.filter(({ policy, options }) => visibility.reaches(policy, options))
  return {
    ...denial,
    keys: seen.map(({ policy, key }) => ({ policy, key })),
    actor: actor !== null && (visibility.isAll || visibility.isOwn(actor)) ? actor : null,
  }
}
