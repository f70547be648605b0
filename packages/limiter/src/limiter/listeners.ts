import type { Clock } from '../core/clock.ts'
import type { Decision } from '../core/decision.ts'
import { HeadgateError } from '../core/errors.ts'
import type { DecisionListener, DecisionVerb } from '../core/limiter.ts'

/** Most causes reported: a listener whose messages all differ must not flood the log. */
const CAUSES_MAX = 16

/** Those who hear decisions: none of them can fail a call, whose units are spent already. */
export class Listeners {
  readonly #clock: Pick<Clock, 'now'>
  #listeners: readonly { readonly hear: DecisionListener }[] = []
  readonly #reported = new Set<string>()

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock
  }

  add(hear: DecisionListener): () => void {
    const entry = { hear }
    this.#listeners = [...this.#listeners, entry]
    return () => {
      this.#listeners = this.#listeners.filter((one) => one !== entry)
    }
  }

  /** When a call begins, by the clock; 0 where nobody listens, since reading a clock costs as much as a decision. */
  start(): number {
    return this.#listeners.length > 0 ? this.#clock.now() : 0
  }

  /** Tells a decision on a call that began then, and hands it on. */
  tell<D extends Decision>(verb: DecisionVerb, decision: D, startedUs: number): D {
    if (this.#listeners.length > 0) this.#tellAll(verb, decision, startedUs)
    return decision
  }

  #tellAll(verb: DecisionVerb, told: Decision, startedUs: number): void {
    // What a listener changes of it is not changed for the caller.
    const decision = { ...told }
    const durationMs = startedUs === 0 ? 0 : Math.max(0, this.#clock.now() - startedUs) / 1000
    for (const { hear } of this.#listeners) {
      try {
        const answer = hear(decision, { verb, durationMs })
        if (isThenable(answer)) answer.then(undefined, (reason: unknown) => this.#report(reason))
      } catch (reason) {
        this.#report(reason)
      }
    }
  }

  #report(reason: unknown): void {
    const { message } = HeadgateError.from(reason)
    if (this.#reported.has(message) || this.#reported.size >= CAUSES_MAX) return
    this.#reported.add(message)
    process.emitWarning(`A listener of decisions failed: ${message}; catch its errors, the decision stands`, {
      type: 'HeadgateWarning',
      code: 'HEADGATE_LISTENER',
      detail: 'docs/reference/decision.md#listeners',
    })
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
