import { NEVER } from '../core/algorithm.ts'
import type { Budget } from '../core/budget.ts'
import { type Clock, systemClock } from '../core/clock.ts'
import { type Ask, type Store, type Taken, VERDICT, type Verdicts } from '../core/store.ts'
import { checkFields } from '../core/validate.ts'
import { checkWhole } from './check.ts'
import { wrapping } from './wrapping.ts'

/** Options of {@link withDenyCache}. */
export interface DenyCacheOptions {
  /**
   * Most denials remembered; beyond it the oldest is forgotten, and asked for again.
   * @default 10000
   */
  readonly max?: number
  /**
   * Time that denials last by.
   * @default the system's
   */
  readonly clock?: Clock
  /** Told of each denial that was repeated. */
  readonly onAnswer?: () => void
}

/** One denial: what was asked for, what the store said, and until when that can be said again. */
interface Denial {
  readonly budget: Budget
  readonly cost: number
  readonly numbers: readonly number[]
  readonly answeredAtUs: number
  readonly untilUs: number
}

/** A store that answers some questions by itself. */
export interface AtOnce extends Store {
  /** The answer that needs nobody else, or null. The array of its verdicts is of this answer alone. */
  decideAtOnce: NonNullable<Store['decideAtOnce']>
  consumeAtOnce: NonNullable<Store['consumeAtOnce']>
}

const MAX = 10_000
/** Longest that a denial is repeated, so that refunds and resets of other processes show. */
const LONGEST_US = 1_000_000

/**
 * Repeats denials while they are bound to hold: what was denied is denied again, and so is what costs more, from the
 * time the question was sent and for the wait that was told, but for a second at most. `reset` and `refund` here, and
 * new rules, end it. A flood of denied calls costs the store nothing.
 */
export function withDenyCache(store: Store, options: DenyCacheOptions = {}): AtOnce {
  checkFields(options, ['max', 'clock', 'onAnswer'], 'withDenyCache')
  const { max = MAX, clock = systemClock(), onAnswer = () => {} } = options
  checkWhole(max, 'withDenyCache.max')
  const denials = new Denials(max, onAnswer)
  const { take } = store
  return {
    ...wrapping(store, (call) => call()),
    synchronous: false,
    decideAtOnce: (verb, asks) => (verb === 'consume' ? denials.find(asks, clock.now()) : null),
    consumeAtOnce: (ask) => denials.findOne(ask, clock.now()),
    decide(verb, asks, deadlineMs) {
      if (verb !== 'consume') return store.decide(verb, asks, deadlineMs)
      const sentAtUs = clock.now()
      const known = denials.find(asks, sentAtUs)
      if (known !== null) return Promise.resolve(known)
      return store.decide(verb, asks, deadlineMs).then((verdicts) => {
        denials.note(asks, verdicts, sentAtUs, clock.now())
        return verdicts
      })
    },
    ...(take && {
      async take(ask: Ask, least: number): Promise<Taken> {
        const sentAtUs = clock.now()
        const asks = [{ ...ask, cost: least }]
        const known = denials.find(asks, sentAtUs)
        if (known !== null) return { ...known, granted: 0 }
        const taken = await take.call(store, ask, least)
        if (taken.granted === 0) denials.note(asks, taken, sentAtUs, clock.now())
        return taken
      },
    }),
    refund(refunds) {
      denials.forget(refunds)
      return store.refund(refunds)
    },
    reset(asks) {
      denials.forget(asks)
      return store.reset(asks)
    },
    close: () => store.close(),
  }
}

/** Denials by policy and key. */
class Denials {
  readonly #max: number
  readonly #onAnswer: () => void
  readonly #byKey = new Map<string, Denial>()

  constructor(max: number, onAnswer: () => void) {
    this.#max = max
    this.#onAnswer = onAnswer
  }

  /** The verdicts of an ask that is bound to be denied, or null. */
  find(asks: readonly Ask[], now: number): Verdicts | null {
    for (const ask of asks) {
      const denied = this.findOne(ask, now)
      if (denied !== null) return denied
    }
    return null
  }

  findOne(ask: Ask, now: number): Verdicts | null {
    if (this.#byKey.size === 0) return null
    const name = nameOf(ask)
    const denial = this.#byKey.get(name)
    if (denial === undefined || ask.budget !== denial.budget || ask.cost < denial.cost) return null
    if (now >= denial.untilUs) {
      this.#byKey.delete(name)
      return null
    }
    this.#onAnswer()
    return { now, numbers: countedDown(denial, now), source: 'deny-cache', judged: [ask] }
  }

  /** Remembers what the store denied. */
  note(asks: readonly Ask[], { numbers, source }: Verdicts, sentAtUs: number, answeredAtUs: number): void {
    if (source !== 'store') return
    let at = 0
    for (const ask of asks) {
      const end = at + ask.budget.rules.length * VERDICT
      let waitUs = 0
      for (let i = at; i < end; i += VERDICT) {
        const wait = numbers[i] as number
        waitUs = Math.max(waitUs, wait === NEVER ? LONGEST_US : wait)
      }
      if (waitUs > 0) {
        const untilUs = sentAtUs + Math.min(waitUs, LONGEST_US)
        const own = Array.from({ length: end - at }, (_, i) => numbers[at + i] as number)
        this.#add(ask, { budget: ask.budget, cost: ask.cost, numbers: own, answeredAtUs, untilUs })
      }
      at = end
    }
  }

  forget(asks: readonly Omit<Ask, 'cost'>[]): void {
    for (const ask of asks) this.#byKey.delete(nameOf(ask))
  }

  #add(ask: Ask, denial: Denial): void {
    const name = nameOf(ask)
    const known = this.#byKey.get(name)
    const covers = known?.budget === denial.budget && known.cost <= denial.cost
    if (covers && known.untilUs >= denial.untilUs) return
    this.#byKey.delete(name)
    this.#byKey.set(name, denial)
    const [oldest] = this.#byKey.keys()
    if (this.#byKey.size > this.#max && oldest !== undefined) this.#byKey.delete(oldest)
  }
}

function nameOf({ budget, key }: Omit<Ask, 'cost'>): string {
  return `${budget.policy}\n${key}`
}

/** What the store would say now; counted from the answer, so that whoever waits as told waits long enough. */
function countedDown({ numbers, answeredAtUs }: Denial, now: number): number[] {
  const gone = now - answeredAtUs
  return numbers.map((number, i) => {
    if (i % VERDICT === 1 || number === NEVER) return number
    return Math.max(0, number - gone)
  })
}
