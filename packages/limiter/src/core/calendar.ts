import type { CalendarUnit } from './duration.ts'
import { HeadgateError, show } from './errors.ts'

/** One calendar window: microseconds since the Unix epoch, the end excluded. */
export interface CalendarWindow {
  readonly start: number
  readonly end: number
}

const HOUR = 3600
const DAY = 24 * HOUR
/** Seconds; of minutes and hours the length; of longer units more than any, skipped and doubled hours and days included. */
const REACH: Readonly<Record<CalendarUnit, number>> = {
  minute: 60,
  hour: HOUR,
  day: 3 * DAY,
  week: 10 * DAY,
  month: 34 * DAY,
  year: 369 * DAY,
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
    if (now < this.#window.start || now >= this.#window.end)
      this.#window = this.#windowAt(Math.floor(now / 1e6))
    return this.#window
  }

  /** Edges of the windows before, around and after `now`: previous start, start, end, end of the next one. */
  edges(now: number): readonly number[] {
    const { start, end } = this.seek(now)
    if (this.#edges[1] !== start) {
      this.#edges = [
        this.#windowAt(Math.floor((start - 1) / 1e6)).start,
        start,
        end,
        this.#windowAt(end / 1e6).end,
      ]
    }
    return this.#edges
  }

  #windowAt(now: number): CalendarWindow {
    const reach = REACH[this.unit]
    const here = this.#local(now)
    /** Negative in windows before this one, 0 within it, positive after it. */
    const side = (at: number): number => {
      const there = this.#local(at)
      const cut = reach <= HOUR && there - at !== here - now
      return cut ? at - now : numberOf(this.unit, there) - numberOf(this.unit, here)
    }
    return {
      start: firstWhere(now - reach, now, (at) => side(at) >= 0) * 1e6,
      end: firstWhere(now, now + reach, (at) => side(at) > 0) * 1e6,
    }
  }

  /** The local clock at an instant, as seconds of a clock that shows the same in UTC; offsets are whole seconds. */
  #local(seconds: number): number {
    return Date.parse(`${this.#format.format(seconds * 1000)} UTC`) / 1000
  }
}

/** A number that one window of the local clock has to itself. */
function numberOf(unit: CalendarUnit, local: number): number {
  const date = new Date(local * 1000)
  if (unit === 'year') return date.getUTCFullYear()
  if (unit === 'month') return date.getUTCFullYear() * 12 + date.getUTCMonth()
  // 1970-01-01 was a Thursday; ISO weeks begin on Monday.
  return Math.floor(unit === 'week' ? (local / DAY + 3) / 7 : local / Math.min(DAY, REACH[unit]))
}

function formatter(timeZone: string, path: string): Intl.DateTimeFormat {
  try {
    // What `Date.parse` reads: "Mar 29, 2026, 03:00:00".
    const style = 'medium'
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      dateStyle: style,
      timeStyle: style,
    })
  } catch (cause) {
    const fix = 'use an IANA name such as Europe/Paris or UTC'
    throw new HeadgateError('invalid-rule', `${show(timeZone)} is not a time zone; ${fix}`, { cause, path })
  }
}

/** The first second in (low, high] at which `holds`, which must be false before and true after. */
function firstWhere(low: number, high: number, holds: (at: number) => boolean): number {
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (holds(middle)) high = middle
    else low = middle
  }
  return high
}
