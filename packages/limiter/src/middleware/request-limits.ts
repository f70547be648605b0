import type { Decision } from '../core/decision.ts'
import type { Judge, Judgement } from './judgement.ts'

/** One limiter that let a request pass. */
interface Passed {
  readonly judge: Pick<Judge<never>, 'undo'>
  readonly judgement: Judgement
  /** Whether clients are told of it. */
  readonly isTold: boolean
}

/** What a client is told: a decision, and whose budget it is where that is one and the same for all its rules. */
type Told = Pick<Judgement, 'decision' | 'key'>

/** Of the object that stands for a request: a WeakMap, with an entry a request, costs the garbage collector some 3 µs for each. */
const LIMITS: unique symbol = Symbol('headgate.limits')

interface Limited {
  [LIMITS]?: RequestLimits
}

/** What the limiters of one request have said so far: they answer it as one. */
export class RequestLimits {
  #passed: Passed[] = []
  #denied: Decision | null = null

  /** The limits of a request, by the object that stands for it; `null` where no limiter has judged it. */
  static find(identity: object): RequestLimits | null {
    return (identity as Limited)[LIMITS] ?? null
  }

  static of(identity: Limited): RequestLimits {
    identity[LIMITS] ??= new RequestLimits()
    return identity[LIMITS]
  }

  /** All decisions as one: the denial, or else the one with the least left. Null before the first. */
  get decision(): Decision | null {
    return this.#denied ?? (this.#passed.length === 0 ? null : mergeAllowed(this.#passed))
  }

  /** Adds a limiter that let the request pass; returns what to tell the client of all of them. */
  add(passed: Passed): Told {
    this.#passed.push(passed)
    // The common case, and the fast one.
    if (this.#passed.length === 1) return passed.judgement
    const told = this.#passed.filter(({ isTold }) => isTold)
    return told.length === 0 ? passed.judgement : toldOf(mergeAllowed(told), told)
  }

  /** Gives back what earlier limiters spent, since the request does not pass; returns what to tell the client. */
  async deny(denied: Judgement): Promise<Told> {
    this.#denied = denied.decision
    const passed = this.#passed
    this.#passed = []
    await Promise.all(passed.map(({ judge, judgement }) => judge.undo(judgement).catch(ignore)))
    const told = passed.filter(({ isTold }) => isTold)
    if (told.length === 0) return denied
    const decisions = told.map(({ judgement }) => judgement.decision)
    return { decision: merged(denied.decision, decisions), key: undefined }
  }

  /** Whether a judgement stands: no later limiter has denied the request. */
  stands(judgement: Judgement): boolean {
    return this.#passed.some((passed) => passed.judgement === judgement)
  }
}

function toldOf(decision: Decision, told: readonly Passed[]): Told {
  return { decision, key: told.length === 1 ? told[0]?.judgement.key : undefined }
}

/** Units that a store cannot take back now are back when they have drained or left their window. */
function ignore(): void {}

function mergeAllowed(passed: readonly Passed[]): Decision {
  const [first, ...others] = passed.map(({ judgement }) => judgement.decision) as [Decision, ...Decision[]]
  if (others.length === 0) return first
  const least = others.reduce((least, one) => (leftOf(one) < leftOf(least) ? one : least), first)
  return merged(
    least,
    [first, ...others].filter((one) => one !== least),
  )
}

/** The binding decision with the rules of all. */
function merged(binding: Decision, others: readonly Decision[]): Decision {
  if (others.length === 0) return binding
  const all = [binding, ...others]
  return {
    ...binding,
    rules: all.flatMap(({ rules }) => rules),
    shadow: all.flatMap(({ shadow }) => shadow),
  }
}

function leftOf({ remaining }: Decision): number {
  return remaining ?? Number.POSITIVE_INFINITY
}
