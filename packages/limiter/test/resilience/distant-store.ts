/** A store at the other end of a link: what is asked arrives, and is answered, when the clock has moved. */
import type { Clock } from '../../src/core/clock.ts'
import {
  type Ask,
  type Refund,
  type Store,
  type SyncStore,
  type Taken,
  VERDICT,
  type Verb,
  type Verdicts,
} from '../../src/core/store.ts'
import { ReferenceStore } from '../oracle/reference-store.ts'
import { down, turn } from './controllable-store.ts'

/** A call as it was sent; what came of it is there once it was carried out. */
export interface Call {
  readonly what: Verb | 'take' | 'refund' | 'reset'
  readonly asks: readonly Omit<Ask, 'cost'>[]
  readonly sentAtUs: number
  readonly refunds?: readonly Refund[]
  taken?: Taken
  /** Units that a single decision spent. */
  spent?: number
}

export class DistantStore implements Store {
  readonly synchronous = false
  readonly calls: Call[] = []
  /** Microseconds until a call arrives, and from then until it is answered. */
  thereUs = 0
  backUs = 0
  /** `lose` carries calls out, but answers none; `fail` refuses them at once. */
  manner: 'answer' | 'lose' | 'fail' = 'answer'
  readonly #failing: ((reason: unknown) => void)[] = []
  readonly #clock: Clock
  readonly #store: SyncStore

  /** Several may lead to one store. */
  constructor(clock: Clock, store: SyncStore = new ReferenceStore(clock)) {
    this.#clock = clock
    this.#store = store
  }

  decide(verb: Verb, asks: readonly Ask[]): Promise<Verdicts> {
    const call: Call = { what: verb, asks, sentAtUs: this.#clock.now() }
    return this.#carry(call, async () => {
      const verdicts = await this.#store.decide(verb, asks)
      const rules = asks.flatMap(({ budget }) => budget.rules)
      const passes = verb === 'consume' && rules.every((_, i) => verdicts.numbers[i * VERDICT] === 0)
      if (passes) call.spent = asks.reduce((sum, { cost }) => sum + cost, 0)
      return verdicts
    })
  }

  take(ask: Ask, least: number): Promise<Taken> {
    const call: Call = { what: 'take', asks: [ask], sentAtUs: this.#clock.now() }
    return this.#carry(call, async () => {
      const taken = this.#store.takeSync(ask, least)
      call.taken = { ...taken, numbers: Array.from(taken.numbers) }
      return call.taken
    })
  }

  refund(refunds: readonly Refund[]): Promise<void> {
    return this.#carry({ what: 'refund', asks: refunds, refunds, sentAtUs: this.#clock.now() }, () =>
      this.#store.refund(refunds),
    )
  }

  reset(asks: readonly Omit<Ask, 'cost'>[]): Promise<void> {
    return this.#carry({ what: 'reset', asks, sentAtUs: this.#clock.now() }, () => this.#store.reset(asks))
  }

  async close(): Promise<void> {}

  /** How often something was asked. */
  count(what: Call['what']): number {
    return this.calls.filter((call) => call.what === what).length
  }

  /** Units given by takes, and given back. */
  get granted(): number {
    return this.calls.reduce((sum, { taken }) => sum + (taken?.granted ?? 0), 0)
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
