/** How each descriptor stands after the decisions. */

import type { Decision, RuleView } from 'headgate'
import { type CurrentLimit, type DescriptorStatus, type LimitCode, UINT32_MAX } from './messages.ts'
import type { DescriptorAsk, Plan } from './plan-descriptors.ts'
import { unitWindowOf, windowMsOf } from './units.ts'

/** What was decided about a descriptor. */
export interface Judged {
  readonly decision: Decision
  /** Whether its hits were counted with those of all others. */
  readonly isSpent: boolean
  /** The decision by which they were counted although they cross the limit. */
  readonly late?: Decision
}

/** A descriptor with its status. */
export interface Outcome {
  readonly plan: Plan
  readonly status: DescriptorStatus
}

/** The statuses of descriptors, in their order; `nowMs` is milliseconds since 1970. */
export function statusesOf(
  plans: readonly Plan[],
  judgedOf: (ask: DescriptorAsk) => Judged,
  nowMs: number,
): Outcome[] {
  const twins = plans.length > 1 ? new Twins(plans) : null
  return plans.map((plan): Outcome => {
    if (plan.kind !== 'ask') {
      return { plan, status: { code: 'OK', limitRemaining: plan.kind === 'unlimited' ? UINT32_MAX : 0 } }
    }
    const one = judgedOf(plan)
    const view = viewOf(one.late ?? one.decision)
    const standing = view && standingOf(twins, plan, { judged: one, view })
    return { plan, status: statusOf(plan, { judged: one, view, standing, nowMs }) }
  })
}

interface Standing {
  readonly code: LimitCode
  readonly remaining: number
}

interface Seen {
  readonly judged: Judged
  readonly view: RuleView | null
  readonly standing: Standing | null
  readonly nowMs: number
}

function statusOf(plan: DescriptorAsk, { judged, view, standing, nowMs }: Seen): DescriptorStatus {
  if (view === null || standing === null) {
    const code = judged.decision.allowed ? 'OK' : 'OVER_LIMIT'
    const current = code === 'OK' ? undefined : plan.known
    return { code, ...(current && { currentLimit: current }), limitRemaining: 0 }
  }
  return {
    code: standing.code,
    currentLimit: plan.known ?? limitOf(view),
    limitRemaining: Math.min(standing.remaining, UINT32_MAX),
    secondsUntilReset: secondsUntilReset(plan, view, nowMs),
  }
}

/** The rule that decides about a descriptor, of a policy in shadow the one that would; null where none was judged. */
function viewOf({ rules, shadow, policy, rule }: Decision): RuleView | null {
  const binding = rules.find((view) => view.policy === policy && view.rule === rule)
  return binding ?? rules[0] ?? shadow[0] ?? null
}

function limitOf({ rate, policy }: RuleView): CurrentLimit {
  return { requestsPerUnit: Math.min(rate.limit, UINT32_MAX), ...unitWindowOf(rate.windowMs), name: policy }
}

/** Of a window that nothing was spent in the end is known as well, since all of them count from 1970. */
function secondsUntilReset({ known }: DescriptorAsk, { resetAfterMs }: RuleView, nowMs: number): number {
  if (resetAfterMs > 0 || known === undefined) return Math.ceil(resetAfterMs / 1000)
  const windowMs = windowMsOf(known)
  return Math.ceil((windowMs - (nowMs % windowMs)) / 1000)
}

interface Viewed {
  readonly judged: Judged
  readonly view: RuleView
}

function standingOf(twins: Twins | null, plan: DescriptorAsk, { judged, view }: Viewed): Standing {
  const { decision } = judged
  const isOver = isDenied(decision, judged.late === undefined ? view : viewOf(decision))
  const among = twins?.standing(plan, { judged, view }, isOver) ?? null
  return among ?? standing(decision, isOver, view.remaining)
}

/** Descriptors of one request that count in one budget: each stands as if it came after those before it. */
class Twins {
  readonly #totals = new Map<string, { count: number; cost: number; until: number }>()

  constructor(plans: readonly Plan[]) {
    for (const plan of plans) {
      const budget = sharedBudget(plan)
      if (budget === null || plan.kind !== 'ask') continue
      const { count, cost } = this.#totals.get(budget) ?? { count: 0, cost: 0 }
      this.#totals.set(budget, { count: count + 1, cost: cost + plan.request.cost, until: 0 })
    }
  }

  /** Null for one that counts alone. */
  standing(plan: DescriptorAsk, { judged, view }: Viewed, isOver: boolean): Standing | null {
    const { decision, isSpent, late } = judged
    const budget = sharedBudget(plan)
    const total = budget === null ? undefined : this.#totals.get(budget)
    if (total === undefined || total.count === 1 || late !== undefined) return null
    total.until += plan.request.cost
    const { until, cost } = total
    const { remaining } = view
    const atFirst = isSpent ? remaining + cost : remaining
    if (!isSpent && !isOver) return standing(decision, false, remaining)
    return standing(decision, until > atFirst, isSpent ? atFirst - until : remaining)
  }
}

function standing(decision: Decision, isOver: boolean, remaining: number): Standing {
  // A limit in shadow is told as it stands, and denies nothing.
  const code = isOver && decision.rules.length > 0 ? 'OVER_LIMIT' : 'OK'
  return { code, remaining: isOver ? 0 : remaining }
}

function isDenied(decision: Decision, view: RuleView | null): boolean {
  return !decision.allowed || (view !== null && view.retryAfterMs !== 0)
}

/** Budget of a descriptor whose hits add up with those of others; quotas are alternatives, and credits are apart. */
function sharedBudget(plan: Plan): string | null {
  if (plan.kind !== 'ask' || plan.request.verb === 'credit' || plan.request.anyOf !== undefined) return null
  return plan.budget()
}
