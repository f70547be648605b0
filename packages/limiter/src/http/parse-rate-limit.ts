import { type FieldReader, milliseconds, type ReportedPolicy, reportedLimits } from './reported-limits.ts'
import { MEMBERS_MAX } from './structured-field.ts'

/** What header fields of a response tell of limits. All of it is null, and `policies` is empty, where they tell nothing. */
export interface RateLimitReport {
  /** The limit nearest to its end first, then the others in their order. */
  readonly policies: readonly ReportedPolicy[]
  /** Name of the limit nearest to its end: the least remaining, then the longest reset; `api/1m` for `"api/1m";r=97`. */
  readonly policy: string | null
  /** Its units per window. */
  readonly limit: number | null
  /** Its units left. */
  readonly remaining: number | null
  /** Milliseconds until it has more; a server tells whole seconds. */
  readonly resetAfterMs: number | null
  /** Milliseconds to wait before the next request, of `Retry-After` in either form, of several the longest. 0 where that time has passed. */
  readonly retryAfterMs: number | null
}

/** Header fields of a response: `Headers`, or an object of fields by name in any case, as Node has them. */
export type ResponseFields =
  | { get(name: string): string | null }
  | { readonly [name: string]: string | readonly string[] | number | undefined }

/**
 * Reads what a server tells of its limits: `RateLimit` and `RateLimit-Policy` of all drafts, with names (8 and later) or without
 * (7), `RateLimit-Limit`, `-Remaining` and `-Reset` (0 to 6), `X-RateLimit-*` and `X-Rate-Limit-*` with a reset in seconds from
 * now, in seconds or milliseconds since 1970, or as a date, and `Retry-After`. Where there are several, the newest counts.
 * Malformed fields are as good as absent, and so are limits of a response from a cache, which has an `Age`. Of a list the first 100 members are read. It never throws, whatever it is given as
 * header fields: null and undefined tell nothing.
 *
 * Times are counted from the `Date` of the response, which needs no clock of ours to be right; where it has none, from `nowMs`.
 *
 * `"api";r=0;t=7` is `{ policy: 'api', remaining: 0, resetAfterMs: 7000, … }`.
 */
export function parseRateLimit(
  headers: ResponseFields | null | undefined,
  nowMs: number = Date.now(),
): RateLimitReport {
  const read = fieldReader(headers)
  const sentAtMs = dateOf(read('date') ?? '') ?? nowMs
  const ageMs = milliseconds(Number(/^\d{1,15}$/.exec(read('age') ?? '')?.[0] ?? 0))
  const timeOf = (text: string): number | null => timeFrom(sentAtMs, text)
  const policies = ageMs > 0 ? [] : bindingFirst(reportedLimits(read, timeOf))
  const [binding] = policies
  const isTold = binding !== undefined && binding.remaining !== null
  const wait = retryAfter(read('retry-after'), sentAtMs)
  return {
    policies,
    policy: isTold ? binding.name : null,
    limit: isTold ? binding.limit : null,
    remaining: isTold ? binding.remaining : null,
    resetAfterMs: isTold ? binding.resetAfterMs : null,
    retryAfterMs: wait === null ? null : Math.max(0, wait - ageMs),
  }
}

function fieldReader(headers: ResponseFields | null | undefined): FieldReader {
  const lookUp = quietly(() => valueReader(headers ?? {})) ?? (() => null)
  return (name) => {
    const value = quietly(() => lookUp(name))
    if (Array.isArray(value)) return value.filter((line) => typeof line === 'string').join(', ')
    return typeof value === 'string' || typeof value === 'number' ? String(value) : null
  }
}

function valueReader(headers: ResponseFields): (name: string) => unknown {
  if (typeof headers.get === 'function') {
    const { get } = headers
    return (name) => get.call(headers, name)
  }
  const fields = headers as Readonly<Record<string, unknown>>
  const names = new Map(Object.keys(fields).map((name) => [name.toLowerCase(), name]))
  return (name) => {
    const given = names.get(name)
    return given === undefined ? undefined : fields[given]
  }
}

/** Fields may be of anybody's making: what throws when it is read tells nothing. */
function quietly<T>(read: () => T): T | null {
  try {
    return read()
  } catch {
    return null
  }
}

function bindingFirst(policies: readonly ReportedPolicy[]): readonly ReportedPolicy[] {
  const told = policies.filter(({ remaining }) => remaining !== null)
  if (told.length < 2) return policies
  const left = ({ remaining }: ReportedPolicy): number => remaining ?? 0
  const reset = ({ resetAfterMs }: ReportedPolicy): number => resetAfterMs ?? 0
  const [binding] = told.toSorted((a, b) => left(a) - left(b) || reset(b) - reset(a))
  return [binding as ReportedPolicy, ...policies.filter((policy) => policy !== binding)]
}

const NUMBER = /^\d{1,16}(?:\.\d{1,9})?$/
/** Numbers from here are no seconds from now, which would be 31 years: they are seconds since 1970, or milliseconds. */
const EPOCH_SECONDS_MIN = 1e9
const EPOCH_MS_MIN = 1e11

/** Milliseconds from `sentAtMs` to a time that a reset has in any of its forms; null where it is none. */
function timeFrom(sentAtMs: number, text: string): number | null {
  if (!NUMBER.test(text)) return waitUntil(dateOf(text), sentAtMs)
  const number = Number(text)
  if (number < EPOCH_SECONDS_MIN) return milliseconds(number)
  return waitUntil(number < EPOCH_MS_MIN ? number * 1000 : number, sentAtMs)
}

/** Commas between values of several lines, and not the one of a date. */
const BETWEEN = /(?<!(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6}),/

/** The longest of the waits: proxies on the way may each have told one. */
function retryAfter(text: string | null, sentAtMs: number): number | null {
  const values = text?.split(BETWEEN, MEMBERS_MAX) ?? []
  const waits = values.map((value) => waitIn(value.trim(), sentAtMs)).filter((wait) => wait !== null)
  return waits.length === 0 ? null : Math.max(...waits)
}

function waitIn(text: string, sentAtMs: number): number | null {
  // Fractions are against RFC 9110, and sent.
  return NUMBER.test(text) ? milliseconds(Number(text)) : waitUntil(dateOf(text), sentAtMs)
}

function waitUntil(atMs: number | null, sentAtMs: number): number | null {
  return atMs === null ? null : Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, Math.ceil(atMs - sentAtMs)))
}

const DATE = /^[A-Z][a-z]{2,8}, \d{2}[ -].* GMT$|^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)$/
/** As asctime of C writes it, which is in UTC here. */
const ASCTIME = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}$/

/** A date of HTTP (RFC 9110, section 5.6.7) in any of its three forms, or of ISO 8601 with a zone, in milliseconds since 1970. */
function dateOf(text: string): number | null {
  const date = ASCTIME.test(text) ? `${text} GMT` : text
  const ms = DATE.test(text) || date !== text ? Date.parse(date) : Number.NaN
  return Number.isNaN(ms) ? null : ms
}
