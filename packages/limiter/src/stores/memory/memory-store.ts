import type { SpendMark } from '../../core/algorithm.ts'
import { type Clock, systemClock } from '../../core/clock.ts'
import { wrong } from '../../core/errors.ts'
import type { Rule } from '../../core/rule.ts'
import {
  type Ask,
  type Refund,
  type SyncStore,
  type Taken,
  VERDICT,
  type Verb,
  type Verdicts,
} from '../../core/store.ts'
import { checkFields } from '../../core/validate.ts'
import { Keyspace } from './keyspace.ts'
import type { Layout } from './layout.ts'
import type { Place } from './place.ts'
import { RefundLedger } from './refund-ledger.ts'

/** Options of {@link memoryStore}. */
export interface MemoryStoreOptions {
  /**
   * Most keys with a record of their own. Beyond it newcomers share overflow records, each under the rule's own
   * limits: no key gets more than its budget, newcomers may be denied falsely.
   * @default 1000000, about 45 MB with one bucket rule
   */
  readonly maxKeys?: number
  /**
   * The time decisions are judged by.
   * @default the system's wall clock, made non-decreasing
   */
  readonly clock?: Clock
}

/** Figures of a memory store. */
export interface MemoryStats {
  /** Keys with a record of their own, recovered ones included until they are swept. */
  readonly keys: number
  /** Writes that went to a shared overflow record because the store was at its cap. */
  readonly overflowed: number
}

/** A store in the memory of this process. */
export interface MemoryStore extends SyncStore {
  stats(): MemoryStats
}

const MAX_KEYS = 1_000_000

/** Creates a store in the memory of this process: synchronous, bounded, without timers. */
export function memoryStore(options: MemoryStoreOptions = {}): MemoryStore {
  checkFields(options, ['maxKeys', 'clock'], 'memoryStore')
  const { maxKeys = MAX_KEYS, clock = systemClock() } = options
  if (Number.isInteger(maxKeys) && maxKeys >= 1 && maxKeys <= 2 ** 28)
    return new TypedArrayStore(maxKeys, clock)
  throw wrong(maxKeys, 'is not a whole number from 1 to 2^28', 'memoryStore.maxKeys')
}

class TypedArrayStore implements MemoryStore {
  readonly synchronous = true
  readonly #clock: Clock
  readonly #keyspace: Keyspace
  readonly #refunded = new RefundLedger()
  readonly #places: Place[] = []
  // One object answers all calls: a limiter reads it before the next one.
  readonly #verdicts = { now: 0, numbers: new Float64Array(96), source: 'store' as const }

  constructor(maxKeys: number, clock: Clock) {
    const [k0 = 0, k1 = 0] = crypto.getRandomValues(new Int32Array(2))
    this.#clock = clock
    this.#keyspace = new Keyspace(maxKeys, { k0, k1 })
  }

  decideSync(verb: Verb, asks: readonly Ask[]): Verdicts {
    const first = asks[0]
    if (first !== undefined && asks.length === 1 && first.budget.rules.length === 1) {
      return this.decideOneSync(verb, first)
    }
    const now = this.#clock.now()
    const verdicts = this.#verdicts
    verdicts.now = now
    const size = VERDICT * asks.reduce((rules, { budget }) => rules + budget.rules.length, 0)
    if (size > verdicts.numbers.length) verdicts.numbers = new Float64Array(size * 2)
    const passes = this.#judge(verb, asks, now)
    let at = 0
    for (let i = 0; i < asks.length; i++) {
      const ask = asks[i] as Ask
      const place = this.#places[i] as Place
      const spends = passes && ask.cost > 0
      at = this.#measure(ask, place, spends, now, at)
      if (verb !== 'peek' && (spends || place.ahead)) this.#keyspace.save(place, now)
    }
    return verdicts
  }

  decideOneSync(verb: Verb, ask: Ask): Verdicts {
    const { rules } = ask.budget
    if (rules.length !== 1) return this.decideSync(verb, [ask])
    const now = this.#clock.now()
    this.#verdicts.now = now
    this.#decideOne(verb, ask, rules[0] as Rule, now)
    return this.#verdicts
  }

  takeSync(ask: Ask, least: number): Taken {
    const { numbers } = this.decideOneSync('peek', { ...ask, cost: 0 })
    const ends = ask.budget.rules.map((_, i) => i * VERDICT)
    const left = Math.min(ask.cost, ...ends.map((at) => numbers[at + 1] as number))
    const cost = Math.max(least, left)
    const { now } = this.decideOneSync('consume', { ...ask, cost })
    const granted = ends.every((at) => numbers[at] === 0) ? cost : 0
    return { now, numbers, source: 'store', granted }
  }

  refundSync(refunds: readonly Refund[]): void {
    const now = this.#clock.now()
    for (const refund of refunds) {
      const place = this.#keyspace.load(0, refund, 0, now)
      // Remembered even where the state is gone, lest later spends pay for this one.
      if (!this.#refunded.add(refund, place, now) || !place.found) continue
      const { state } = this.#keyspace
      refund.budget.rules.forEach((rule, i) => {
        const o = place.base + ((place.layout as Layout).offsets[i] as number)
        const mark = refund.marks[i] as SpendMark | undefined
        rule.algorithm.judge(rule.terms, state, o, now, 0)
        if (mark !== undefined) rule.algorithm.refund(rule.terms, state, o, now, refund.cost, mark)
      })
      this.#keyspace.save(place, now)
    }
  }

  resetSync(asks: readonly Omit<Ask, 'cost'>[]): void {
    const now = this.#clock.now()
    for (const ask of asks) this.#keyspace.forget(ask, now)
  }

  async decide(verb: Verb, asks: readonly Ask[]): Promise<Verdicts> {
    const verdicts = this.decideSync(verb, asks)
    return { ...verdicts, numbers: Array.from(verdicts.numbers) }
  }

  async take(ask: Ask, least: number): Promise<Taken> {
    const taken = this.takeSync(ask, least)
    return { ...taken, numbers: Array.from(taken.numbers) }
  }

  async refund(refunds: readonly Refund[]): Promise<void> {
    this.refundSync(refunds)
  }

  async reset(asks: readonly Omit<Ask, 'cost'>[]): Promise<void> {
    this.resetSync(asks)
  }

  async close(): Promise<void> {}

  stats(): MemoryStats {
    return { keys: this.#keyspace.keys, overflowed: this.#keyspace.overflowed }
  }

  /** The most common decision, one key and one rule, without what several of them need. */
  #decideOne(verb: Verb, ask: Ask, { algorithm, terms, capacity }: Rule, now: number): void {
    const { cost } = ask
    const keyspace = this.#keyspace
    const place = keyspace.load(0, ask, 0, now)
    const { state } = keyspace
    const { numbers } = this.#verdicts
    const late = place.ahead || algorithm.ahead(terms, state, 0, now)
    const wait = algorithm.judge(terms, state, 0, now, cost)
    const spends = cost > 0 && (wait === 0 || verb === 'charge')
    if (spends) algorithm.spend(terms, state, 0, now, cost)
    numbers[0] = verb === 'charge' ? 0 : wait
    numbers[1] = Math.max(0, capacity - algorithm.used(terms, state, 0, now))
    numbers[2] = algorithm.reset(terms, state, 0, now)
    if (verb !== 'peek' && (spends || late)) keyspace.save(place, now)
  }

  /** Brings the state of every ask to now and notes the waits; true when all of it may be spent. */
  #judge(verb: Verb, asks: readonly Ask[], now: number): boolean {
    const { numbers } = this.#verdicts
    let passes = true
    let base = 0
    let at = 0
    for (let i = 0; i < asks.length; i++) {
      const ask = asks[i] as Ask
      const place = this.#keyspace.load(i, ask, base, now)
      this.#places[i] = place
      const { rules } = ask.budget
      const layout = place.layout as Layout
      for (let r = 0; r < rules.length; r++) {
        const { algorithm, terms } = rules[r] as Rule
        const o = base + (layout.offsets[r] as number)
        const { state } = this.#keyspace
        if (algorithm.ahead(terms, state, o, now)) place.ahead = true
        const wait = algorithm.judge(terms, state, o, now, ask.cost)
        numbers[at] = verb === 'charge' ? 0 : wait
        if (wait !== 0) passes = false
        at += VERDICT
      }
      base += layout.span
    }
    return passes || verb === 'charge'
  }

  /** Spends if it may and notes what is left; returns where the next ask's verdicts begin. */
  #measure(ask: Ask, place: Place, spends: boolean, now: number, from: number): number {
    const { numbers } = this.#verdicts
    const { state } = this.#keyspace
    const { rules } = ask.budget
    const layout = place.layout as Layout
    let at = from
    for (let r = 0; r < rules.length; r++) {
      const { algorithm, terms, capacity } = rules[r] as Rule
      const o = place.base + (layout.offsets[r] as number)
      if (spends) algorithm.spend(terms, state, o, now, ask.cost)
      numbers[at + 1] = Math.max(0, capacity - algorithm.used(terms, state, o, now))
      numbers[at + 2] = algorithm.reset(terms, state, o, now)
      at += VERDICT
    }
    return at
  }
}
