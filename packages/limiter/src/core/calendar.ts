import type { CalendarUnit } from './duration.ts'
import { HeadgateError, show } from './errors.ts'

/** One calendar window: microseconds since the Unix epoch, the end excluded. */
export interface CalendarWindow {
  readonly start: number
  readonly end: number
}

const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000
/** Of minutes and hours the length; of longer units more than any, skipped and doubled hours and days included. */
const REACH_MS: Readonly<Record<CalendarUnit, number>> = {
  minute: 60_000,
  hour: HOUR_MS,
  day: 3 * DAY_MS,
  week: 10 * DAY_MS,
  month: 34 * DAY_MS,
  year: 369 * DAY_MS,
}

/**
 * Windows of one calendar unit in one time zone. Days and longer begin with the first instant of their local date
 * (weeks on Monday); minutes and hours are cut where the zone's offset changes, so that windows never overlap.
 */
export class Calendar {
  readonly unit: CalendarUnit
  readonly timezone: string
  readonly #format: Intl.DateTimeFormat
  #window: CalendarWindow = { start: 0, end: 0 }
  #edges: readonly number[] = []

  /** Throws `invalid-rule`, naming `path`, for a zone the runtime does not know. */
  constructor(unit: CalendarUnit, timezone: string, path = '') {
    this.unit = unit
    this.timezone = timezone
    this.#format = formatter(timezone, path)
  }

  /** The window that contains `now`. */
  seek(now: number): CalendarWindow {
    if (now < this.#window.start || now >= this.#window.end) this.#window = this.#windowAt(now)
    return this.#window
  }

  /** Edges of the windows before, around and after `now`: previous start, start, end, end of the next one. */
  edges(now: number): readonly number[] {
    const [, start = 0, end = 0] = this.#edges
    if (now < start || now >= end) {
      const current = this.#windowAt(now)
      const previous = this.#windowAt(current.start - 1)
      this.#edges = [previous.start, current.start, current.end, this.#windowAt(current.end).end]
    }
    return this.#edges
  }

  #windowAt(nowUs: number): CalendarWindow {
    const ms = Math.floor(nowUs / 1000)
    const reach = REACH_MS[this.unit]
    const [start, end] = reach > HOUR_MS ? this.#dateWindow(ms, reach) : this.#clockWindow(ms, reach)
    return { start: start * 1000, end: end * 1000 }
  }

  #clockWindow(ms: number, length: number): [number, number] {
    const local = this.#local(ms)
    const same = (at: number): boolean => this.#local(at) - at === local - ms
    const start = Math.floor(local / length) * length - local + ms
    const end = start + length
    return [
      same(start) ? start : firstWhere(start, ms, same),
      same(end - 1) ? end : firstWhere(ms, end, (at) => !same(at)),
    ]
  }

  #dateWindow(ms: number, reach: number): [number, number] {
    const id = this.#dateId(ms)
    return [
      firstWhere(ms - reach, ms, (at) => this.#dateId(at) >= id),
      firstWhere(ms, ms + reach, (at) => this.#dateId(at) > id),
    ]
  }

  #dateId(ms: number): number {
    const local = new Date(this.#local(ms))
    const days = Math.floor(local.getTime() / DAY_MS)
    if (this.unit === 'day') return days
    // 1970-01-01 was a Thursday; ISO weeks begin on Monday.
    if (this.unit === 'week') return Math.floor((days + 3) / 7)
    return this.unit === 'month' ? local.getUTCFullYear() * 12 + local.getUTCMonth() : local.getUTCFullYear()
  }

  /** The local clock at an instant, as milliseconds of a clock that shows the same in UTC. */
  #local(ms: number): number {
    const fields: Record<string, number> = {}
    for (const { type, value } of this.#format.formatToParts(ms)) fields[type] = Number(value)
    const { year = 0, month = 0, day, hour, minute, second } = fields
    return Date.UTC(year, month - 1, day, hour, minute, second, ms - Math.floor(ms / 1000) * 1000)
  }
}

function formatter(timeZone: string, path: string): Intl.DateTimeFormat {
  const shown = 'numeric'
  try {
    return new Intl.DateTimeFormat('en-US-u-ca-iso8601', {
      timeZone,
      hourCycle: 'h23',
      year: shown,
      month: shown,
      day: shown,
      hour: shown,
      minute: shown,
      second: shown,
    })
  } catch (cause) {
    const fix = 'use an IANA name such as Europe/Paris or UTC'
    throw new HeadgateError('invalid-rule', `${show(timeZone)} is not a time zone; ${fix}`, { cause, path })
  }
}

/** The first millisecond in (low, high] at which `holds`, which must be false before and true after. */
function firstWhere(low: number, high: number, holds: (ms: number) => boolean): number {
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (holds(middle)) high = middle
    else low = middle
  }
  return high
}
