import type { Decision } from '../core/decision.ts'
import { mergeDecisions } from '../http/merge-decisions.ts'
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

  /** Forgets them, once the request has been answered. */
  static forget(identity: object): void {
    delete (identity as Limited)[LIMITS]
  }

  static of(identity: Limited): RequestLimits {
    identity[LIMITS] ??= new RequestLimits()
    return identity[LIMITS]
  }

  /** All decisions as one: the denial, or else the one with the least left. Null before the first. */
  get decision(): Decision | null {
    const [first, ...others] = decisionsOf(this.#passed)
    return this.#denied ?? (first === undefined ? null : mergeDecisions([first, ...others]))
  }

  /** Adds a limiter that let the request pass; returns what to tell the client of all of them. */
  add(passed: Passed): Told {
    this.#passed.push(passed)
    // The common case, and the fast one.
    if (this.#passed.length === 1) return passed.judgement
    const [first, ...others] = this.#passed.filter(({ isTold }) => isTold)
    if (first === undefined) return passed.judgement
    if (others.length === 0) return first.judgement
    return { decision: mergeDecisions([first.judgement.decision, ...decisionsOf(others)]), key: undefined }
  }

  /** Gives back what earlier limiters spent, since the request does not pass; returns what to tell the client. */
  async deny(denied: Judgement): Promise<Told> {
    this.#denied = denied.decision
    const passed = this.#passed
    this.#passed = []
    await Promise.all(passed.map(({ judge, judgement }) => judge.undo(judgement).catch(ignore)))
    const [first, ...others] = decisionsOf(passed.filter(({ isTold }) => isTold))
    if (first === undefined) return denied
    return { decision: mergeDecisions([first, ...others, denied.decision]), key: undefined }
  }

  /** Whether a judge has let the request pass already: one that stands at two places counts it once. */
  hasPassed(judge: Passed['judge']): boolean {
    return this.#passed.some((passed) => passed.judge === judge)
  }

  /** Whether a judgement stands: no later limiter has denied the request. */
  stands(judgement: Judgement): boolean {
    return this.#passed.some((passed) => passed.judgement === judgement)
  }
}

/** Units that a store cannot take back now are back when they have drained or left their window. */
function ignore(): void {}

function decisionsOf(passed: readonly Passed[]): Decision[] {
  return passed.map(({ judgement }) => judgement.decision)
}
