/** What is later is no time of a log, and could not be shown as one: 9999-12-31, in microseconds since 1970. */
const LATEST_US = Date.UTC(9999, 11, 31) * 1000

/** How long a time of access logs is, as in `10/Oct/2026:13:55:36 -0700`. */
export const CLF_LENGTH = 26

const MONTHS: ReadonlyMap<number, number> = new Map(
  ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'].map((name, i) => [
    codeOf(Buffer.from(name), 0),
    i,
  ]),
)

/** Reads times of access logs. Neighbouring lines mostly have the same one, which is read once. */
export class ClfTimes {
  readonly #last = Buffer.alloc(CLF_LENGTH)
  #lastUs = Number.NaN

  /** The time that begins at `from`, in microseconds since 1970; NaN where there is none. */
  read(bytes: Buffer, from: number): number {
    // The seconds differ first: from the end on.
    for (let i = CLF_LENGTH - 1; i >= 0; i--) {
      if (bytes[from + i] !== this.#last[i]) return this.#readAnother(bytes, from)
    }
    return this.#lastUs
  }

  #readAnother(bytes: Buffer, from: number): number {
    bytes.copy(this.#last, 0, from, from + CLF_LENGTH)
    this.#lastUs = inRange(clfTime(this.#last))
    return this.#lastUs
  }
}

function clfTime(bytes: Buffer): number {
  const number = (at: number, length: number): number => digits(bytes, at, length)
  const month = MONTHS.get(codeOf(bytes, 3)) ?? Number.NaN
  const [hour, minute, second] = [number(12, 2), number(15, 2), number(18, 2)]
  const ms = Date.UTC(number(7, 4), month, number(0, 2), hour, minute, second)
  const zoneMinutes = number(22, 2) * 60 + number(24, 2)
  const sign = bytes[21] === 45 ? 1 : bytes[21] === 43 ? -1 : Number.NaN
  return (ms + sign * zoneMinutes * 60_000) * 1000
}

function codeOf(bytes: Buffer, at: number): number {
  return ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number)
}

function digits(bytes: Buffer, at: number, length: number): number {
  let value = 0
  for (let i = at; i < at + length; i++) {
    const digit = (bytes[i] as number) - 48
    if (digit < 0 || digit > 9) return Number.NaN
    value = value * 10 + digit
  }
  return value
}

const CLF = /^\d{2}\/[A-Z][a-z]{2}\/\d{4}:\d{2}:\d{2}:\d{2} [+-]\d{4}$/
const ZONED = /(?:Z|[+-]\d{2}:?\d{2})$/i
const ISO = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/

/**
 * Any time of a log in microseconds since 1970: a number of seconds, milliseconds, microseconds or nanoseconds, a time by ISO 8601
 * (in UTC where it names no zone), or one of access logs. NaN where it is none.
 */
export function timeUs(value: string | number): number {
  return inRange(anyTimeUs(value))
}

/** NaN for a time before 1970, or after 9999. */
export function inRange(us: number): number {
  return us >= 0 && us <= LATEST_US ? us : Number.NaN
}

function anyTimeUs(value: string | number): number {
  if (typeof value === 'number' || /^\d+(?:\.\d+)?$/.test(value)) return numberUs(Number(value))
  const text = value.replace(/^\[|\]$/g, '')
  if (CLF.test(text)) return clfTime(Buffer.from(text))
  if (!ISO.test(text)) return Number.NaN
  return wholeUs(text)
}

/** A date has milliseconds, and a log may have more digits. */
function wholeUs(text: string): number {
  const ms = Date.parse(ZONED.test(text) ? text : `${text}Z`)
  const [, rest = ''] = /\.\d{3}(\d{1,3})/.exec(text) ?? []
  return ms * 1000 + (rest === '' ? 0 : Number(rest.padEnd(3, '0')))
}

/** By its size: no log is older than 1973 in milliseconds, nor younger than 5138 in seconds. */
function numberUs(value: number): number {
  const scale = value < 1e11 ? 1e6 : value < 1e14 ? 1e3 : value < 1e17 ? 1 : 1e-3
  return Math.round(value * scale)
}
