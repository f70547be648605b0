import { type Duration, parseDuration } from '../core/duration.ts'
import { invalid, wrong } from '../core/errors.ts'
import { parseRate, type Rate } from '../core/rate.ts'
import { checkFields, isWhole } from '../core/validate.ts'
import type { Outcome } from './exchange.ts'

/** Options of {@link adaptive}. */
export interface AdaptiveOptions {
  /** The highest limit, which it begins with: `'1000/min'`. */
  readonly limit: Rate
  /** The lowest limit, in units of the same window: 100. */
  readonly min: number
  /** How long responses may take: where more than a tenth of them take longer or fail, the limit falls. */
  readonly target: Duration
  /**
   * How often the limit may change.
   * @default '1s'
   */
  readonly every?: Duration
  /**
   * Milliseconds of a clock that never goes back.
   * @default that of the runtime
   */
  readonly now?: () => number
}

/** Of the responses of one interval, the share that may be slow or fail. */
const TROUBLED_MAX = 0.1
/** A limit falls to this share of itself, and grows by this share of the highest one. */
const DECREASE = 0.75
const INCREASE = 0.05

/** A limit that falls when responses get slow or fail, and grows again: additive increase, multiplicative decrease. */
export class AdaptiveLimit {
  /** The highest limit, as it was given. */
  readonly highest: Rate
  readonly #max: number
  /** As it was given: a rule of the calendar takes no milliseconds. */
  readonly #window: Duration
  readonly #min: number
  readonly #targetMs: number
  readonly #everyMs: number
  readonly #now: () => number
  #current: number
  #seen = 0
  #troubled = 0
  #since: number

  /** Use {@link adaptive}, which documents the options. */
  constructor(options: AdaptiveOptions) {
    checkFields(options, ['limit', 'min', 'target', 'every', 'now'], 'adaptive')
    const { limit, min, target, every = '1s', now = () => performance.now() } = options
    const parsed = parseRate(limit, 'adaptive.limit')
    if (!isWhole(min, 1)) throw wrong(min, 'is no limit; use a whole number ≥ 1', 'adaptive.min')
    if (min > parsed.limit) throw invalid('adaptive.min', `${min} is above the highest limit ${parsed.limit}`)
    this.highest = limit
    this.#max = parsed.limit
    this.#window = typeof limit === 'string' ? limit.slice(limit.indexOf('/') + 1) : limit.window
    this.#min = min
    this.#targetMs = parseDuration(target, 'adaptive.target')
    this.#everyMs = parseDuration(every, 'adaptive.every')
    this.#now = now
    this.#current = parsed.limit
    this.#since = now()
  }

  /** The limit now. */
  get rate(): Rate {
    return { limit: this.#current, window: this.#window }
  }

  /** Takes a response into account. */
  observe({ status, durationMs }: Pick<Outcome, 'status' | 'durationMs'>): void {
    this.#seen++
    if (status >= 500 || durationMs > this.#targetMs) this.#troubled++
    const now = this.#now()
    if (now - this.#since < this.#everyMs) return
    this.#since = now
    this.#change(this.#troubled > this.#seen * TROUBLED_MAX)
    this.#seen = 0
    this.#troubled = 0
  }

  #change(isTroubled: boolean): void {
    const step = Math.max(1, Math.floor(this.#max * INCREASE))
    const next = isTroubled ? Math.floor(this.#current * DECREASE) : this.#current + step
    this.#current = Math.min(this.#max, Math.max(this.#min, next))
  }
}

/**
 * A limit that follows how the application is doing, for `limit` of a middleware: where more than a tenth of the responses of a
 * second take longer than `target` or have a status of 500 and above, it falls to three quarters; else it grows by a twentieth
 * of the highest limit. Each process has its own. For window rules, whose limit changes in place.
 *
 * ```ts
 * app.use(rateLimit({ limit: adaptive({ limit: '1000/min', min: 100, target: '200ms' }) }))
 * ```
 *
 * From 1000 it falls to 750, 562, 421 …, and never below 100; it grows by 50 a second.
 */
export function adaptive(options: AdaptiveOptions): AdaptiveLimit {
  return new AdaptiveLimit(options)
}
