import { wrong } from './errors.ts'

/** Units of the calendar, for windows aligned to it. */
export type CalendarUnit = 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year'

interface Unit {
  readonly ms: number
  readonly names: readonly string[]
  readonly calendar: CalendarUnit | null
}

const unit = (ms: number, names: string, calendar: CalendarUnit | null = null): Unit => ({
  ms,
  names: names.split(' '),
  calendar,
})

// A month is 30 days and a year 365, as in Envoy's rate limit service; `align: calendar` takes the real ones.
const units = [
  unit(604_800_000, 'w week weeks', 'week'),
  unit(86_400_000, 'd day days', 'day'),
  unit(3_600_000, 'h hour hours', 'hour'),
  unit(60_000, 'm min minute minutes', 'minute'),
  unit(1000, 's sec second seconds'),
  unit(1, 'ms millisecond milliseconds'),
  unit(2_592_000_000, 'month months', 'month'),
  unit(31_536_000_000, 'y year years', 'year'),
]

/** A length of time: a text such as `500ms`, `1s`, `10m`, `1h`, `1d`, or a number of milliseconds. */
export type Duration = string | number

/** A parsed window: its length, and the calendar unit where it is exactly one of them. */
export interface Window {
  readonly ms: number
  readonly calendar: CalendarUnit | null
}

const LONGEST_MS = 100 * 31_536_000_000
const hint = 'write a whole number and a unit, such as 500ms, 1s, 10m, 1h, 1d'

/**
 * Parses a duration of 1 ms to 100 years into milliseconds: `'15m'` is 900000. Anything else is an `invalid-options` error at
 * `path`.
 */
export function parseDuration(value: Duration, path: string): number {
  return parseWindow(value, path).ms
}

/**
 * Parses a timeout into milliseconds: a duration, or any number, which is rounded up and at least 0; Infinity means no limit.
 * Anything else, NaN included, is an `invalid-options` error at `path`.
 */
export function parseTimeout(value: Duration, path: string): number {
  if (typeof value === 'string') return parseDuration(value, path)
  if (typeof value === 'number' && !Number.isNaN(value)) return Math.max(0, Math.ceil(value))
  throw wrong(value, 'is not a timeout; pass milliseconds, or a duration such as 500ms, 30s, 10m', path)
}

/** Parses a window, keeping the calendar unit where it is one unit long (`day`, `1d`, `1 day`). */
export function parseWindow(value: Duration, path: string): Window {
  const text = typeof value === 'number' ? `${value}ms` : value
  const match = typeof text === 'string' ? /^\s*([0-9]{1,15})?\s?([a-z]+)\s*$/i.exec(text) : null
  const [, count = 1, name = ''] = match ?? []
  const named = units.find(({ names }) => names.includes(name.toLowerCase()))
  const ms = Number(count) * (named?.ms ?? 0)
  if (ms >= 1 && ms <= LONGEST_MS) return { ms, calendar: (Number(count) === 1 && named?.calendar) || null }
  throw wrong(value, `is not a duration from 1 ms to 100 years; ${hint}`, path)
}

/** A number of milliseconds in the largest unit that divides it, such as `15m`; the default name of a rule. */
export function formatDuration(ms: number): string {
  const { names, ms: length } = units.find((unit) => ms % unit.ms === 0) as Unit
  return `${ms / length}${names[0]}`
}

/** A number of milliseconds in seconds, for sentences: `54 s`. */
export function formatSeconds(ms: number): string {
  return `${Number((ms / 1000).toPrecision(12))} s`
}
