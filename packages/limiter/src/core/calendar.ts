import type { CalendarUnit } from './duration.ts'
import { HeadgateError, show } from './errors.ts'

/** One calendar window: microseconds since the Unix epoch, the end excluded. */
export interface CalendarWindow {
  readonly start: number
  readonly end: number
}

const HOUR = 3600
const DAY = 24 * HOUR
/**
 * Seconds before and after an instant within which its window begins and ends: the length of minutes and hours; for longer
 * units more than the longest, counting hours and days that a zone skipped or repeated.
 */
const SEARCH_SPAN: Readonly<Record<CalendarUnit, number>> = {
  minute: 60,
  hour: HOUR,
  day: 3 * DAY,
  week: 10 * DAY,
  month: 34 * DAY,
  year: 369 * DAY,
}

/**
 * The windows of one calendar unit in one time zone. Days and longer units begin with the first instant of their local date,
 * weeks on Monday. Minutes and hours end where the zone's offset changes, so that windows never overlap.
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

  /** Edges of three windows: start of the previous one, start and end of the one that contains `now`, end of the next one. */
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

  /** The window around an instant, in seconds: a binary search for both edges, since zones have no formula. */
  #windowAt(now: number): CalendarWindow {
    const span = SEARCH_SPAN[this.unit]
    const localNow = this.#local(now)
    /** Negative for instants before this window, 0 within it, positive after it. */
    const compare = (instant: number): number => {
      const local = this.#local(instant)
      const hasOtherOffset = span <= HOUR && local - instant !== localNow - now
      return hasOtherOffset ? instant - now : numberOf(this.unit, local) - numberOf(this.unit, localNow)
    }
    return {
      start: firstWhere(now - span, now, (instant) => compare(instant) >= 0) * 1e6,
      end: firstWhere(now, now + span, (instant) => compare(instant) > 0) * 1e6,
    }
  }

  /** The local time at an instant, as the seconds at which a UTC clock shows that time; offsets are whole seconds. */
  #local(seconds: number): number {
    return Date.parse(`${this.#format.format(seconds * 1000)} UTC`) / 1000
  }
}

/** The number of the window that a local time is in: consecutive windows have increasing numbers. */
function numberOf(unit: CalendarUnit, local: number): number {
  const date = new Date(local * 1000)
  if (unit === 'year') return date.getUTCFullYear()
  if (unit === 'month') return date.getUTCFullYear() * 12 + date.getUTCMonth()
  // 1970-01-01 was a Thursday; ISO weeks begin on Monday.
  return Math.floor(unit === 'week' ? (local / DAY + 3) / 7 : local / Math.min(DAY, SEARCH_SPAN[unit]))
}

function formatter(timeZone: string, path: string): Intl.DateTimeFormat {
  try {
    // A form that `Date.parse` reads: "Mar 29, 2026, 03:00:00".
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

/** The first second in (low, high] at which `holds` is true, by binary search; it must not become false again. */
function firstWhere(low: number, high: number, holds: (instant: number) => boolean): number {
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (holds(middle)) high = middle
    else low = middle
  }
  return high
}
