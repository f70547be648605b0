import { isHeader } from '../recorded/recorded-parser.ts'
import { delimiterOf, splitCsv } from './csv-parser.ts'
import { readObject } from './json-parser.ts'

/** What a log can be; `combined` is also the common format, `vhost` the combined one with the host before each line. */
export const LOG_FORMATS = ['combined', 'vhost', 'json', 'envoy', 'csv', 'recorded'] as const

export type LogFormat = (typeof LOG_FORMATS)[number]

const CLF = '\\S+ \\S+ .+ \\[\\d{2}/[A-Z][a-z]{2}/\\d{4}:\\d{2}:\\d{2}:\\d{2} [+-]\\d{4}\\] "'
const COMBINED = new RegExp(`^${CLF}`)
/** A host and its port, then an address. */
const VHOST = new RegExp(`^[A-Za-z0-9_.*-]+:\\d+ [0-9A-Fa-f:.]+ ${CLF.replace('\\S+ ', '')}`)
const ENVOY = /^\[\d{4}-\d{2}-\d{2}T[^\]]+\] "/

/** The format of a log by its first lines; null where they are of none. */
export function guessFormat(lines: readonly string[]): LogFormat | null {
  const [first = ''] = lines
  const object = readObject(first)
  if (typeof object !== 'string') return isHeader(object) ? 'recorded' : 'json'
  // A line or two may be damaged.
  const most = (pattern: RegExp): boolean =>
    lines.filter((line) => pattern.test(line)).length * 2 > lines.length
  if (most(VHOST)) return 'vhost'
  if (most(COMBINED)) return 'combined'
  if (most(ENVOY)) return 'envoy'
  const columns = splitCsv(first, delimiterOf(first)) ?? []
  return columns.length > 1 && columns.every((name) => /^\s*[A-Za-z_@][\w.@ -]*$/.test(name)) ? 'csv' : null
}
