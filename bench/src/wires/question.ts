import { field } from '../harness/protobuf-field.ts'
import type { WireParams } from '../subjects/wire.ts'

/** What a server is asked, again and again. */
export interface Question {
  readonly path: string
  readonly body: Buffer
  readonly fields: readonly string[]
}

/** So much that nobody is denied. */
const NEVER_REACHED = 100_000_000
const YEAR_S = 31_536_000
const USER = 'user-4711'
const RLS = {
  domain: 'edge',
  entries: [
    ['generic_key', 'api.example/chat'],
    ['user', USER],
  ],
} as const

/** The policies of the service, by wire. */
export const POLICIES: Readonly<Record<WireParams['wire'], readonly object[]>> = {
  http: [{ name: 'api', key: 'user', rules: ['1000000000/52w'] }],
  grpc: [
    {
      name: 'api',
      match: { domain: RLS.domain, descriptor: RLS.entries.map(([key]) => key) },
      key: 'descriptor.user',
      rules: ['1000000000/52w'],
    },
  ],
}

/** As the wire and the server want it. */
export function questionOf({ wire, of }: WireParams): Question {
  return wire === 'http' ? overHttp(of === 'throttlecrab') : overGrpc(of === 'throttlecrab')
}

function overHttp(isThrottlecrab: boolean): Question {
  const body = isThrottlecrab
    ? { key: USER, max_burst: NEVER_REACHED, count_per_period: NEVER_REACHED, period: YEAR_S }
    : { attributes: { user: USER } }
  return {
    path: isThrottlecrab ? '/throttle' : '/v1/consume',
    body: Buffer.from(JSON.stringify(body)),
    fields: ['content-type: application/json'],
  }
}

function overGrpc(isThrottlecrab: boolean): Question {
  const message = isThrottlecrab ? throttleRequest() : rateLimitRequest()
  const prefix = Buffer.alloc(5)
  prefix.writeUInt32BE(message.length, 1)
  return {
    path: isThrottlecrab
      ? '/throttlecrab.RateLimiter/Throttle'
      : '/envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit',
    body: Buffer.concat([prefix, message]),
    fields: ['content-type: application/grpc', 'te: trailers'],
  }
}

/** `envoy.service.ratelimit.v3.RateLimitRequest` with one descriptor. */
function rateLimitRequest(): Buffer {
  const entries = RLS.entries.map(([key, value]) =>
    field(1, Buffer.concat([field(1, Buffer.from(key)), field(2, Buffer.from(value))])),
  )
  return Buffer.concat([field(1, Buffer.from(RLS.domain)), field(2, Buffer.concat(entries))])
}

/** `throttlecrab.ThrottleRequest`. */
function throttleRequest(): Buffer {
  const numbers = [NEVER_REACHED, NEVER_REACHED, YEAR_S, 1]
  return Buffer.concat([
    field(1, Buffer.from(USER)),
    ...numbers.map((value, i) => Buffer.from([(i + 2) << 3, ...varint(value)])),
  ])
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)]
}
