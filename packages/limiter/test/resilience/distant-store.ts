/** A store at the other end of a link: what is asked arrives, and is answered, when the clock has moved. */
import type { Clock } from '../../src/core/clock.ts'
import type { Ask, Refund, Store, Taken, Verb, Verdicts } from '../../src/core/store.ts'
import { ReferenceStore } from '../oracle/reference-store.ts'
import { down, turn } from './controllable-store.ts'

/** A call as it was sent; what came of it is there once it was carried out. */
export interface Call {
  readonly what: Verb | 'take' | 'refund' | 'reset'
  readonly asks: readonly Omit<Ask, 'cost'>[]
  readonly sentAtUs: number
  readonly refunds?: readonly Refund[]
  taken?: Taken
}

export class DistantStore implements Store {
  readonly synchronous = false
  readonly calls: Call[] = []
  /** Microseconds until a call arrives, and from then until it is answered. */
  thereUs = 0
  backUs = 0
  /** `lose` carries calls out, but answers none; `fail` refuses them at once. */
  manner: 'answer' | 'lose' | 'fail' = 'answer'
  readonly #clock: Clock
  readonly #memory

  constructor(clock: Clock) {
    this.#clock = clock
    this.#memory = new ReferenceStore(clock)
  }

  decide(verb: Verb, asks: readonly Ask[]): Promise<Verdicts> {
    return this.#carry({ what: verb, asks, sentAtUs: this.#clock.now() }, () =>
      this.#memory.decide(verb, asks),
    )
  }

  take(ask: Ask, least: number): Promise<Taken> {
    const call: Call = { what: 'take', asks: [ask], sentAtUs: this.#clock.now() }
    return this.#carry(call, async () => {
      call.taken = await this.#memory.take(ask, least)
      return call.taken
    })
  }

  refund(refunds: readonly Refund[]): Promise<void> {
    return this.#carry({ what: 'refund', asks: refunds, refunds, sentAtUs: this.#clock.now() }, () =>
      this.#memory.refund(refunds),
    )
  }

  reset(asks: readonly Omit<Ask, 'cost'>[]): Promise<void> {
    return this.#carry({ what: 'reset', asks, sentAtUs: this.#clock.now() }, () => this.#memory.reset(asks))
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

  get returned(): number {
    return this.calls.flatMap(({ refunds = [] }) => refunds).reduce((sum, { cost }) => sum + cost, 0)
  }

  async #carry<T>(call: Call, carryOut: () => Promise<T>): Promise<T> {
    this.calls.push(call)
    const { manner, backUs } = this
    if (manner === 'fail') throw down()
    await this.#later(this.thereUs)
    const answer = await carryOut()
    if (manner === 'lose') await new Promise(() => {})
    await this.#later(backUs)
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
