/** A store at the other end of a line: what is sent waits until a test lets a round trip happen. */
import type { BudgetKey, BudgetRequest, Refund, Store, Verb, Verdicts } from '../../src/core/store.ts'

export class RoundsStore implements Store {
  /** What was sent in each round, in order. */
  readonly rounds: string[][] = [[]]
  readonly #inner: Store
  #waiting: (() => Promise<void>)[] = []

  constructor(inner: Store) {
    this.#inner = inner
  }

  decide(verb: Verb, requests: readonly BudgetRequest[]): Promise<Verdicts> {
    return this.#send(verb, () => this.#inner.decide(verb, requests))
  }

  refund(refunds: readonly Refund[]): Promise<readonly number[]> {
    return this.#send('refund', () => this.#inner.refund(refunds))
  }

  block(keys: readonly BudgetKey[], lengthUs: number): Promise<void> {
    return this.#send('block', () => this.#inner.block(keys, lengthUs))
  }

  reset(keys: readonly BudgetKey[]): Promise<void> {
    return this.#send('reset', () => this.#inner.reset(keys))
  }

  async close(): Promise<void> {}

  /** Carries out what was sent, and answers it. */
  async round(): Promise<void> {
    this.rounds.push([])
    for (const run of this.#waiting.splice(0)) await run()
  }

  #send<T>(what: string, call: () => Promise<T>): Promise<T> {
    this.rounds.at(-1)?.push(what)
    return new Promise((resolve, reject) => {
      this.#waiting.push(() => call().then(resolve, reject))
    })
  }
}
