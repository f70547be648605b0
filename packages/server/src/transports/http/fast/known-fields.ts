import { HOST } from './octets.ts'

/** A field that decides whether a request is one of the fast path. */
export interface KnownField {
  readonly name: string
  /** One bit, for what a request has. */
  readonly bit: number
  /** Whether a value is one that the fast path takes. */
  takes(octets: Buffer, start: number, end: number): boolean
}

/** As most clients write it; others may write more, which is for the ordinary server to read. */
const JSON_TYPES = ['application/json', 'application/json; charset=utf-8', 'application/json;charset=utf-8']

const KEEP_ALIVE = 'keep-alive'

/** Digits of the longest body that there may be. */
const LENGTH_DIGITS_MAX = 7

/** With each of them a request is framed, expected, coded or forwarded in a way that is for the ordinary server to understand. */
const FOREIGN = [
  'transfer-encoding',
  'expect',
  'upgrade',
  'trailer',
  'te',
  'proxy-connection',
  'content-encoding',
  'http2-settings',
]

const takers: readonly (readonly [string, KnownField['takes']])[] = [
  ['host', isHost],
  ['content-length', isLength],
  ['content-type', isJson],
  [
    'connection',
    (octets, start, end) => end - start === KEEP_ALIVE.length && isTextAt(octets, start, KEEP_ALIVE),
  ],
  ...FOREIGN.map((name) => [name, () => false] as const),
]

const known: readonly KnownField[] = takers.map(([name, takes], i) => ({ name, bit: 1 << i, takes }))

/** A request without one of these is for the ordinary server. */
export const NEEDED: number = known.slice(0, 3).reduce((bits, { bit }) => bits | bit, 0)

export const CONTENT_LENGTH = known[1] as KnownField

const byLength: readonly (readonly KnownField[])[] = Array.from({ length: 18 }, (_, length) =>
  known.filter(({ name }) => name.length === length),
)

/** The known field of a name; undefined for any other. */
export function knownField(octets: Buffer, start: number, end: number): KnownField | undefined {
  const candidates = byLength[end - start]
  if (candidates === undefined) return undefined
  for (const field of candidates) if (isTextAt(octets, start, field.name)) return field
  return undefined
}

/** Whether octets that begin at a place are a text of lower case, whatever their own case. */
export function isTextAt(octets: Buffer, start: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const octet = octets[start + i] as number
    const lower = octet >= 0x41 && octet <= 0x5a ? octet | 0x20 : octet
    if (lower !== text.charCodeAt(i)) return false
  }
  return true
}

/** The number of a `content-length` that was taken. */
export function lengthOf(octets: Buffer, start: number, end: number): number {
  let length = 0
  for (let i = start; i < end; i++) length = length * 10 + (octets[i] as number) - 0x30
  return length
}

function isJson(octets: Buffer, start: number, end: number): boolean {
  return JSON_TYPES.some((type) => type.length === end - start && isTextAt(octets, start, type))
}

/** RFC 9110, section 7.2; one that is empty is not taken. */
function isHost(octets: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (HOST[octets[i] as number] === 0) return false
  return end > start
}

/** RFC 9110, section 8.6: digits; none of them leads with a zero, which also leaves out a body of nothing. */
function isLength(octets: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const octet = octets[i] as number
    if (octet < 0x30 || octet > 0x39) return false
  }
  return end > start && end - start <= LENGTH_DIGITS_MAX && octets[start] !== 0x30
}
