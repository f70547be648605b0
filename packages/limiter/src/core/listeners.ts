import type { Clock } from './clock.ts'
import type { Decision } from './decision.ts'
import { HeadgateError } from './errors.ts'
import type { DecisionEvent, DecisionVerb } from './limiter.ts'
import { distinctWarnings } from './warn.ts'

/** Who hears decisions of one kind. */
type Listener<D> = (decision: D, event: DecisionEvent) => unknown

/** Calls the listeners of decisions. A listener that fails cannot fail the call, whose units are already spent. */
export class Listeners<Kind extends object = Decision> {
  readonly #clock: Pick<Clock, 'now'>
  #entries: readonly { readonly listener: Listener<Kind> }[] = []
  readonly #warn = distinctWarnings('HEADGATE_LISTENER')

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock
  }

  /** Adds a listener; the returned function removes it. */
  add(listener: Listener<Kind>): () => void {
    // An object of its own: a listener that was added twice is called twice, and removed once at a time.
    const added = { listener }
    this.#entries = [...this.#entries, added]
    return () => {
      this.#entries = this.#entries.filter((entry) => entry !== added)
    }
  }

  /** Whether nobody listens. */
  get isEmpty(): boolean {
    return this.#entries.length === 0
  }

  /** When a call starts, in microseconds; 0 without listeners, since reading the clock costs as much as a decision. */
  start(): number {
    return this.#entries.length > 0 ? this.#clock.now() : 0
  }

  /** Calls every listener with the decision on a call that started at `startedUs`, and returns the decision. */
  emit<D extends Kind>(verb: DecisionVerb, decision: D, startedUs: number): D {
    if (this.#entries.length > 0) this.#emitToAll(verb, decision, startedUs)
    return decision
  }

  #emitToAll(verb: DecisionVerb, decision: Kind, startedUs: number): void {
    // Listeners get a copy: what they change on it does not reach the caller.
    const copy = { ...decision }
    const durationMs = startedUs === 0 ? 0 : Math.max(0, this.#clock.now() - startedUs) / 1000
    for (const { listener } of this.#entries) {
      try {
        const result = listener(copy, { verb, durationMs })
        if (isThenable(result)) result.then(undefined, (reason: unknown) => this.#report(reason))
      } catch (reason) {
        this.#report(reason)
      }
    }
  }

  #report(reason: unknown): void {
    const { message } = HeadgateError.from(reason)
    this.#warn(`A listener of decisions failed: ${message}; catch its errors, the decision stands`)
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
