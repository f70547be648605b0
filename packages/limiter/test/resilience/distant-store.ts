/** A store at the other end of a link: what is asked arrives, and is answered, when the clock has moved. */

import { VERDICT_SIZE } from '../../src/core/algorithm.ts'
import type { Clock } from '../../src/core/clock.ts'
import type {
  BudgetKey,
  BudgetRequest,
  Grant,
  LeasingStore,
  Refund,
  SyncStore,
  Verb,
  Verdicts,
} from '../../src/core/store.ts'
import { ReferenceStore } from '../oracle/reference-store.ts'
import { down, turn } from './controllable-store.ts'

/** A call as it was sent; what came of it is there once it was carried out. */
export interface Call {
  readonly what: Verb | 'acquire' | 'refund' | 'reset' | 'block'
  readonly keys: readonly BudgetKey[]
  readonly sentAtUs: number
  readonly refunds?: readonly Refund[]
  grant?: Grant
  /** Units that a single decision spent. */
  spent?: number
}

export class DistantStore implements LeasingStore {
  readonly calls: Call[] = []
  /** Microseconds until a call arrives, and from then until it is answered. */
  thereUs = 0
  backUs = 0
  /** `lose` carries calls out, but answers none; `fail` refuses them at once. */
  manner: 'answer' | 'lose' | 'fail' = 'answer'
  readonly #failing: ((reason: unknown) => void)[] = []
  readonly #clock: Clock
  readonly #store: SyncStore & LeasingStore

  /** Several may lead to one store. */
  constructor(clock: Clock, store: SyncStore & LeasingStore = new ReferenceStore(clock)) {
    this.#clock = clock
    this.#store = store
  }

  decide(verb: Verb, requests: readonly BudgetRequest[]): Promise<Verdicts> {
    const call: Call = { what: verb, keys: requests, sentAtUs: this.#clock.now() }
    return this.#carry(call, async () => {
      const verdicts = await this.#store.decide(verb, requests)
      const rules = requests.flatMap(({ budget }) => budget.rules)
      const passes = verb === 'consume' && rules.every((_, i) => verdicts.numbers[i * VERDICT_SIZE] === 0)
      if (passes) call.spent = requests.reduce((sum, { cost }) => sum + cost, 0)
      return verdicts
    })
  }

  acquire(request: BudgetRequest, min: number): Promise<Grant> {
    const call: Call = { what: 'acquire', keys: [request], sentAtUs: this.#clock.now() }
    return this.#carry(call, async () => {
      call.grant = await this.#store.acquire(request, min)
      return call.grant
    })
  }

  refund(refunds: readonly Refund[]): Promise<readonly number[]> {
    return this.#carry({ what: 'refund', keys: refunds, refunds, sentAtUs: this.#clock.now() }, () =>
      this.#store.refund(refunds),
    )
  }

  reset(keys: readonly BudgetKey[]): Promise<void> {
    return this.#carry({ what: 'reset', keys, sentAtUs: this.#clock.now() }, () => this.#store.reset(keys))
  }

  block(keys: readonly BudgetKey[], lengthUs: number): Promise<void> {
    const call: Call = { what: 'block', keys, sentAtUs: this.#clock.now() }
    return this.#carry(call, () => this.#store.block(keys, lengthUs))
  }

  async close(): Promise<void> {}

  /** How often something was asked. */
  count(what: Call['what']): number {
    return this.calls.filter((call) => call.what === what).length
  }

  /** Units given by acquires, and given back. */
  get granted(): number {
    return this.calls.reduce((sum, { grant }) => sum + (grant?.granted ?? 0), 0)
  }

  /** Units spent by single decisions. */
  get consumed(): number {
    return this.calls.reduce((sum, { spent }) => sum + (spent ?? 0), 0)
  }

  get returned(): number {
    return this.calls.flatMap(({ refunds = [] }) => refunds).reduce((sum, { cost }) => sum + cost, 0)
  }

  /** Fails what is under way. */
  failAll(): void {
    for (const fail of this.#failing.splice(0)) fail(down())
  }

  async #carry<T>(call: Call, carryOut: () => Promise<T>): Promise<T> {
    this.calls.push(call)
    const { manner, backUs } = this
    if (manner === 'fail') throw down()
    await this.#later(this.thereUs)
    const answer = await carryOut()
    if (manner === 'lose') await new Promise(() => {})
    await Promise.race([
      this.#later(backUs),
      new Promise((_, fail) => backUs > 0 && this.#failing.push(fail)),
    ])
    return answer
  }

  #later(us: number): Promise<void> | undefined {
    if (us === 0) return undefined
    return new Promise((resolve) => {
      this.#clock.after(us / 1000, resolve)
    })
  }
}

/** Moves the clock and lets what was due be carried out and answered, in order. */
export async function pass(clock: { advanceUs(us: number): void }, us: number, stepUs = us): Promise<void> {
  for (let left = us; left > 0; left -= stepUs) {
    clock.advanceUs(Math.min(stepUs, left))
    await turn()
  }
}
