/** Requests as clients send them, as odd clients send them, and as those who mean ill do. */
import type { Random } from '../../../limiter/test/parity/random.ts'
import { garbledBytes } from '../fuzz/garbled-bytes.ts'
import { DEEDS, TARGETS } from './differential-app.ts'
import { type Change, type Draft, type Expected, textOf } from './differential-change.ts'
import { HOSTILE } from './differential-hostile.ts'
import { ODD } from './differential-odd.ts'

export interface Generated {
  readonly octets: Buffer
  readonly expected: Expected
  /** What was done to it, for messages. */
  readonly about: string
  /** The first character of its body, which says what is done. */
  readonly deed: string
}

export function generate(random: Random): Generated {
  const draft = usual(random)
  const deed = draft.body.charAt(0)
  const kind = random.below(100)
  if (kind < 60) return { ...written(draft, random), expected: 'fast', about: 'usual', deed }
  if (kind < 72) return { ...changed(draft, random.pick(ODD), random), deed }
  if (kind < 96) return { ...changed(draft, random.pick(HOSTILE), random), deed }
  const octets = garbledBytes(written(draft, random).octets, random)
  return { octets, expected: 'either', about: 'garbled', deed }
}

function changed(draft: Draft, { apply, expected, about }: Change, random: Random): Omit<Generated, 'deed'> {
  const result = apply(draft, random)
  if (typeof result === 'string') return { octets: Buffer.from(result, 'latin1'), expected, about }
  return { ...written(result, random), expected, about }
}

function written(draft: Draft, random: Random): Pick<Generated, 'octets'> {
  const fields = draft.fields.map((field) => inOtherCase(field, random))
  return { octets: Buffer.from(textOf({ ...draft, fields }), 'latin1') }
}

const TYPES = ['application/json', 'application/json; charset=utf-8', 'application/json;charset=utf-8']
const MORE = [
  'accept: */*',
  'accept-encoding: gzip, deflate, br',
  'user-agent: a/1.0 (b; c) "d"',
  'authorization: Bearer abc.def',
  'traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  'tracestate: a=b,c=d',
  'x-request-id: 1-2-3',
  'headgate-hash: ?1',
  'x-forwarded-for: 192.0.2.1',
  'x-empty:',
  'x-spaces:  \t a b\t\t ',
  "!#$%&'*+-.^_`|~09: z",
  'cookie: a=b; c=d',
] as const
const BLANKS = ['', ' ', ' ', ' ', ' ', '  ', '\t', ' \t ']

function usual(random: Random): Draft {
  const body = bodyOf(random)
  const length = `content-length:${random.pick(BLANKS)}${body.length}${random.pick(['', '', ' ', '\t'])}`
  const fields = [
    `host:${random.pick(BLANKS)}${random.pick(['a', '127.0.0.1:8080', 'rate-limiter.svc', '[::1]:80'])}`,
    `content-type:${random.pick(BLANKS)}${random.pick(TYPES)}`,
    length,
    ...MORE.filter(() => random.percent(25)),
  ]
  if (random.percent(25))
    fields.push(`connection:${random.pick(BLANKS)}${random.pick(['keep-alive', 'Keep-Alive'])}`)
  shuffle(fields, random)
  return { line: `POST ${random.pick(TARGETS)} HTTP/1.1`, fields, body }
}

/** Requests within a body are the smuggler's way. */
const BODIES = [
  '{"attributes":{"user":"alice"}}',
  '{}',
  '\0\r\n\x80\xff',
  '0\r\n\r\n',
  'GET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n',
  '5\r\nhello\r\n0\r\n\r\n',
]

function bodyOf(random: Random): string {
  const deed = random.percent(45) ? random.pick(Object.values(DEEDS)) : '.'
  const size = random.percent(3) ? 'y'.repeat(random.below(3000)) : ''
  return deed + random.below(4) + random.pick(BODIES) + size
}

function shuffle(list: string[], random: Random): void {
  for (let i = list.length - 1; i > 0; i--) {
    const other = random.below(i + 1)
    const kept = list[i] as string
    list[i] = list[other] as string
    list[other] = kept
  }
}

function inOtherCase(field: string, random: Random): string {
  if (random.percent(50)) return field
  const colon = field.indexOf(':')
  const name = [...field.slice(0, colon)].map((one) => (random.percent(30) ? one.toUpperCase() : one))
  return name.join('') + field.slice(colon)
}
