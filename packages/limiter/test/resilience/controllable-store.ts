/** A store that answers when a test says so, and how: what fails here is the fault under test itself. */
import { VERDICT_SIZE } from '../../src/core/algorithm.ts'
import type { Source } from '../../src/core/decision.ts'
import { HeadgateError } from '../../src/core/errors.ts'
import type { BudgetRequest, ProbedStore, Verb, Verdicts } from '../../src/core/store.ts'

/** What becomes of a call: an answer at once, a failure at once, or nothing until the test settles it. */
export type Manner = 'answer' | 'fail' | 'hang' | 'throw'

/** A call that hangs. */
export interface Hanging {
  readonly what: string
  answer(): void
  fail(reason?: unknown): void
}

export class ControllableStore implements ProbedStore {
  manner: Manner = 'answer'
  /** Calls by name, in order, whatever became of them. */
  readonly calls: string[] = []
  readonly hanging: Hanging[] = []
  readonly #verdicts: Verdicts

  constructor(numbers: readonly number[] = verdict(0, 1, 0), source: Source = 'store') {
    this.#verdicts = { now: 1, numbers, source }
  }

  decide(verb: Verb, _requests: readonly BudgetRequest[]): Promise<Verdicts> {
    return this.#call(verb, this.#verdicts)
  }

  refund(refunds: readonly unknown[] = []): Promise<readonly number[]> {
    return this.#call(
      'refund',
      refunds.map(() => 1),
    )
  }

  reset(): Promise<void> {
    return this.#call('reset', undefined)
  }

  block(): Promise<void> {
    return this.#call('block', undefined)
  }

  ping(): Promise<void> {
    return this.#call('ping', undefined)
  }

  heartbeat(): Promise<number> {
    return this.#call('heartbeat', 4)
  }

  async close(): Promise<void> {
    this.calls.push('close')
  }

  /** How often a call was made. */
  count(what: string): number {
    return this.calls.filter((call) => call === what).length
  }

  #call<T>(what: string, value: T): Promise<T> {
    this.calls.push(what)
    switch (this.manner) {
      case 'answer':
        return Promise.resolve(value)
      case 'fail':
        return Promise.reject(down())
      case 'throw':
        throw down()
      case 'hang':
        return new Promise((resolve, reject) => {
          this.hanging.push({ what, answer: () => resolve(value), fail: (reason = down()) => reject(reason) })
        })
    }
  }
}

/** The same without what only some stores can do. */
export function unprobed(store: ControllableStore): ControllableStore {
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
    has: (target, name) => name !== 'ping' && name !== 'heartbeat' && name in target,
  })
}

/** The verdict of one rule, of a decision that spent nothing. */
export function verdict(wait: number, remaining: number, reset: number): number[] {
  return [wait, remaining, reset, ...Array.from({ length: VERDICT_SIZE - 3 }, () => 0)]
}

/** Of the verdicts of all rules, what is said beside the receipt: wait, remaining and reset of each. */
export function standing({ numbers }: Verdicts): number[] {
  return Array.from(numbers).filter((_, i) => i % VERDICT_SIZE < 3)
}

/** The error of a store that cannot be reached. */
export function down(): HeadgateError {
  return new HeadgateError('store-unavailable', 'Redis did not decide: connection refused')
}

/** Lets promises and the check phase that deadlines wait for have their turn. */
export async function turn(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve))
  await new Promise<void>((resolve) => setImmediate(resolve))
}

/** How a promise stands now, without waiting for it. */
export async function outcome<T>(promise: Promise<T>): Promise<T | 'pending' | { error: unknown }> {
  return Promise.race([promise.catch((error: unknown) => ({ error })), turn().then(() => 'pending' as const)])
}
