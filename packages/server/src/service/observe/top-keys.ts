import { isDeepStrictEqual } from 'node:util'
import type { DecisionVerb, PolicyOptions } from 'headgate'
import type { DecisionMade } from '../events.ts'
import type { BudgetsOf, ShownBudget } from './budgets-of.ts'
import { Sampler } from './sampler.ts'
import { type SketchPart, SpaceSaving } from './space-saving.ts'

/** What keys are ranked by: how many requests they sent, how many units these cost, how many of them were denied. */
export const RANKINGS = ['requests', 'units', 'denied'] as const

export type Ranking = (typeof RANKINGS)[number]

/** Which keys are wanted. */
export interface TopQuery {
  readonly by: Ranking
  /** @default all */
  readonly policy?: string
  /** How many at most. */
  readonly count: number
}

/** What was counted of one ranking in the time of a slot, as plain data. */
export interface TopPart {
  /** In milliseconds since 1970. */
  readonly startedAt: number
  /** At most one in so many was looked at. */
  readonly oneIn: number
  /** Most counters of a policy. */
  readonly counters: number
  readonly policies: ReadonlyMap<
    string,
    { readonly options: PolicyOptions | undefined; readonly sketch: SketchPart }
  >
}

/** How long a sketch is filled; what is told is of the last one and of that before it. */
const SLOT_MS = 60_000
/** Samples of a second, of which keys are found out. */
const SAMPLES_MAX = 500
/** Counters of all policies together, of each ranking. */
const COUNTERS_MAX = 16_000
const COUNTERS_OF_POLICY = { most: 1000, least: 16 } as const
/** These ask for nothing. */
const UNCOUNTED: readonly DecisionVerb[] = ['peek', 'credit', 'settle']

type Sketches = Readonly<Record<Ranking, SpaceSaving>>

/** A decision as far as it is counted. */
interface SampledDecision {
  readonly budgets: readonly ShownBudget[]
  readonly cost: number
  /** The binding one. */
  readonly policy: string | null
}

interface Slot {
  readonly startedAt: number
  readonly counters: number
  readonly policies: Map<string, { readonly options: PolicyOptions | undefined; readonly sketches: Sketches }>
  oneIn: number
}

/** The keys that ask most, of the last one to two minutes: what is told is sampled, and counted later. */
export class TopKeyBook {
  readonly #budgets: BudgetsOf
  readonly #requests: Sampler<SampledDecision>
  readonly #denials: Sampler<SampledDecision>
  #policies: number
  #slots: [Slot, Slot | null]

  constructor(budgets: BudgetsOf, { now, policies, random }: TopKeyOptions) {
    this.#budgets = budgets
    this.#requests = new Sampler(SAMPLES_MAX, random)
    this.#denials = new Sampler(SAMPLES_MAX, random)
    this.#policies = policies
    this.#slots = [this.#newSlot(now), null]
  }

  push(event: DecisionMade): void {
    if (UNCOUNTED.includes(event.verb)) return
    if (this.#requests.wants()) this.#requests.push(this.#sample(event))
    if (!event.decision.allowed && this.#denials.wants()) this.#denials.push(this.#sample(event))
  }

  /** What is counted of a decision. The event itself is let go: with all that it refers to, garbage of a second would grow old. */
  #sample({ request, cost, decision }: DecisionMade): SampledDecision {
    return { budgets: request === null ? [] : this.#budgets.of(request), cost, policy: decision.policy }
  }

  /** Counts what was sampled. */
  drain(now: number): void {
    this.#rotate(now)
    const requests = this.#requests.take()
    const denials = this.#denials.take()
    const [slot] = this.#slots
    slot.oneIn = Math.max(slot.oneIn, requests.oneIn, denials.oneIn)
    for (const { budgets, cost } of requests.items) {
      for (const budget of budgets) {
        const { requests: counts, units } = this.#sketchesOf(budget)
        addSample(counts, budget.key, { value: 1, oneIn: requests.oneIn })
        if (cost > 0) addSample(units, budget.key, { value: cost, oneIn: requests.oneIn })
      }
    }
    for (const { budgets, policy: binding } of denials.items) {
      for (const budget of budgets.filter(({ policy }) => policy === binding)) {
        addSample(this.#sketchesOf(budget).denied, budget.key, { value: 1, oneIn: denials.oneIn })
      }
    }
  }

  /** Forgets policies that are no longer there, or are about other requests. */
  replace(policies: readonly PolicyOptions[]): void {
    this.#policies = policies.length
    const known = new Map(policies.map((policy) => [policy.name, policy]))
    for (const slot of this.#slots) {
      for (const [name, { options }] of slot?.policies ?? []) {
        const next = known.get(name)
        if (options === undefined && next === undefined) continue
        const isSame = isDeepStrictEqual([next?.match, next?.key], [options?.match, options?.key])
        if (!isSame || next === undefined) slot?.policies.delete(name)
      }
    }
  }

  /** What is known of one ranking, by slots; of each policy the heaviest `most` keys. */
  part({ by, policy }: Pick<TopQuery, 'by' | 'policy'>, most: number, now: number): TopPart[] {
    this.drain(now)
    return this.#slots.flatMap((slot) => (slot === null ? [] : [slotPart(slot, { by, policy, most })]))
  }

  #rotate(now: number): void {
    const [current] = this.#slots
    const ageMs = now - current.startedAt
    // A clock that was put back begins anew as well.
    if (ageMs >= 0 && ageMs < SLOT_MS) return
    this.#slots = [this.#newSlot(now), ageMs >= 0 && ageMs < 2 * SLOT_MS ? current : null]
  }

  #newSlot(startedAt: number): Slot {
    const { most, least } = COUNTERS_OF_POLICY
    const share = Math.floor(COUNTERS_MAX / Math.max(1, this.#policies))
    return { startedAt, counters: Math.max(least, Math.min(most, share)), policies: new Map(), oneIn: 1 }
  }

  #sketchesOf({ policy, options }: ShownBudget): Sketches {
    const [{ policies, counters }] = this.#slots
    const known = policies.get(policy)
    if (known !== undefined) return known.sketches
    const sketches = {
      requests: new SpaceSaving(counters),
      units: new SpaceSaving(counters),
      denied: new SpaceSaving(counters),
    }
    policies.set(policy, { options, sketches })
    return sketches
  }
}

/** A sample stands for `oneIn` like it; each of these was taken with that chance, which is where the variance comes from. */
function addSample(
  sketch: SpaceSaving,
  key: string,
  { value, oneIn }: { readonly value: number; readonly oneIn: number },
): void {
  sketch.add(key, value * oneIn, value * value * oneIn * (oneIn - 1))
}

/** What the book is begun with. */
export interface TopKeyOptions {
  /** In milliseconds since 1970. */
  readonly now: number
  /** How many there are, which share the counters. */
  readonly policies: number
  /** From 0 up to 1. */
  readonly random?: () => number
}

interface Wanted {
  readonly by: Ranking
  readonly policy: string | undefined
  readonly most: number
}

function slotPart({ startedAt, oneIn, counters, policies }: Slot, { by, policy, most }: Wanted): TopPart {
  const wanted = [...policies].filter(([name]) => policy === undefined || policy === name)
  return {
    startedAt,
    oneIn,
    counters: Math.min(counters, most),
    policies: new Map(
      wanted.map(([name, { options, sketches }]) => [name, { options, sketch: sketches[by].part(most) }]),
    ),
  }
}
