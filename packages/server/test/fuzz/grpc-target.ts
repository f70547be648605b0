/** Messages for the methods of gRPC, nearly right: of every method and field. Frames are for the engines to read. */
import assert from 'node:assert/strict'
import { memoryStore } from 'headgate'
import { type ManualClock, manualClock } from 'headgate/testing'
import type { Random } from '../../../limiter/test/parity/random.ts'
import { parseConfig } from '../../src/config/config.ts'
import type { Field, MessageType } from '../../src/protobuf/message.ts'
import { ProtobufError } from '../../src/protobuf/protobuf-error.ts'
import { createService } from '../../src/service/create-service.ts'
import type { Service } from '../../src/service/service.ts'
import { endOf } from '../../src/transports/grpc/call-ends.ts'
import { grpcMethods } from '../../src/transports/grpc/methods.ts'
import type { RpcCall, RpcMethod } from '../../src/transports/grpc/rpc-method.ts'
import { RpcError } from '../../src/transports/grpc/rpc-status.ts'
import { garbledBytes } from './garbled-bytes.ts'
import type { Opened, Target } from './target.ts'

const CONFIGURATION = `
attributes: { tenant: header.x-tenant }
policies:
  - { name: users, key: user, rules: [{ name: s, algorithm: token-bucket, limit: 5/s, burst: 20 }, 1000/day] }
  - { name: both, match: { path: /both }, key: ip, rules: [{ name: r, limit: 9/min }], shadow: { rules: { r: { limit: 2/min } } } }
  - { name: none, match: { domain: '*' }, key: global, rules: [{ name: zero, limit: 0/s }] }
  - { name: tenants, match: { tenant: '*' }, key: tenant, rules: [4/min] }
deny: { user: [mallory] }
`
const WORDS = [
  'alice',
  'mallory',
  'users',
  'both',
  'none',
  'user',
  'ip',
  'path',
  'domain',
  'tenant',
  '10.1.2.3',
  '/both',
  '5/s',
  '100/min',
  '10m',
  'consume',
  'charge',
  'grpc.health.v1.Health',
  '',
  'é',
  '\0',
  'x'.repeat(2000),
] as const
const NUMBERS = [0, 0, 1, 1, 2, 5, 100, 2 ** 31 - 1, 2 ** 32 - 1] as const
const DEPTH = 4
const KEPT_MAX = 50
/** Turns of the event loop after which a call that waits for the clock has time pass. */
const TURNS = 20

// biome-ignore lint/suspicious/noExplicitAny: messages of any type
type AnyType = MessageType<any>

export const grpcTarget: Target = {
  name: 'grpc',
  async open(): Promise<Opened> {
    const clock = manualClock()
    const service = createService({
      configuration: parseConfig(CONFIGURATION, 'headgate.yaml'),
      store: {
        store: memoryStore({ clock, maxKeys: 500 }),
        label: 'memory',
        resilience: {},
        ping: async () => {},
      },
    })
    const fuzz = new GrpcFuzz(service, clock)
    return { once: (random) => fuzz.once(random), close: () => service.close() }
  },
}

class GrpcFuzz {
  readonly #service: Service
  readonly #clock: ManualClock
  readonly #methods = grpcMethods({ extras: ['limitr', 'guardian'], hasReflection: true })
  readonly #failures: string[] = []
  /** Texts of answers that are passed on: receipts and reservations. */
  readonly #kept: string[] = []

  constructor(service: Service, clock: ManualClock) {
    this.#service = service
    this.#clock = clock
    service.on('failure', ({ failure }) => {
      if (!failure.isCallers) this.#failures.push(`${failure.error.stack}`)
    })
  }

  async once(random: Random): Promise<void> {
    const method = random.pick(this.#methods)
    const request = method.type.request as AnyType
    const written = request.encode(this.#messageOf(request, random, DEPTH))
    const bytes = random.percent(50) ? garbledBytes(written, random) : written
    const about = `${method.type.path} ${bytes.toString('hex')}`
    const answers = await this.#answered(method, bytes, random).catch((reason: unknown) =>
      this.#checkError(reason, about),
    )
    assert.equal(this.#failures.length, 0, `${this.#failures[0]}\n${about}`)
    for (const answer of answers) this.#checkAnswer(method.type.response as AnyType, answer, about)
    this.#clock.advance('100ms')
  }

  /** The answers to a message; time passes where one waits for it. */
  async #answered(method: RpcMethod, bytes: Buffer, random: Random): Promise<Buffer[]> {
    const left = new AbortController()
    let settled = false
    const answers = this.#ask(method, bytes, this.#callOf(random, left)).finally(() => (settled = true))
    // It is looked at below, in a later turn.
    answers.catch(() => {})
    for (let turns = 0; !settled; turns++) {
      await new Promise((resolve) => setImmediate(resolve))
      if (turns > TURNS) this.#clock.advance('1s')
    }
    left.abort()
    return answers
  }

  async #ask(method: RpcMethod, bytes: Buffer, call: RpcCall): Promise<Buffer[]> {
    const message = decoded(method.type.request as AnyType, bytes)
    const response = method.type.response as AnyType
    if (method.kind !== 'watch') return [response.encode(await method.handle(message as never, call))]
    for await (const first of method.handle(message as never, call)) return [response.encode(first)]
    return []
  }

  #callOf(random: Random, { signal }: AbortController): RpcCall {
    return {
      service: this.#service,
      callerOf: () => this.#service,
      transport: 'grpc',
      deadlineMs: random.percent(30) ? random.below(5000) : undefined,
      signal: () => signal,
      source: {
        message: {},
        peer: '127.0.0.1',
        header: (name) => (name === 'x-tenant' && random.percent(50) ? [random.pick(WORDS)] : []),
        query: () => [],
        cookie: () => [],
        descriptor: () => [],
      },
    }
  }

  #messageOf({ fields }: AnyType, random: Random, depth: number): object {
    const chosen = fields.filter(() => random.percent(60))
    return Object.fromEntries(
      fields.map((field) => [field.name, this.#fieldOf(field, random, chosen.includes(field) ? depth : -1)]),
    )
  }

  /** With a depth below 0 as if it had not been sent. */
  #fieldOf(field: Field, random: Random, depth: number): unknown {
    const { count, type } = field
    const isNone = depth < 0 || (typeof type === 'function' && depth === 0)
    if (count === 'many')
      return Array.from({ length: isNone ? 0 : random.below(4) }, () => this.#valueOf(field, random, depth))
    if (count === 'map') {
      const pairs = Array.from({ length: isNone ? 0 : random.below(4) }, () => [
        random.pick(['user', 'ip', 'path', 'domain', 'tenant', random.pick(WORDS)]),
        random.pick(WORDS),
      ])
      return Object.fromEntries(pairs)
    }
    if (isNone) return count === 'optional' || typeof type === 'function' ? undefined : zeroOf(type)
    return this.#valueOf(field, random, depth)
  }

  #valueOf({ type, name }: Field, random: Random, depth: number): unknown {
    if (typeof type === 'function') return this.#messageOf(type() as AnyType, random, depth - 1)
    if (type === 'bool') return random.percent(50)
    if (type === 'bytes') return Buffer.from(random.pick(WORDS))
    if (type !== 'string') return random.pick(NUMBERS)
    if (/receipt|reservation/i.test(name) && this.#kept.length > 0 && random.percent(90))
      return random.pick(this.#kept)
    return random.pick(WORDS)
  }

  /** The status of an error, as engines make it: none of them is our own fault. */
  #checkError(reason: unknown, about: string): Buffer[] {
    if (reason instanceof RpcError) return []
    const { code, message, details } = endOf(this.#service, reason)
    assert.ok(code > 0 && message !== '' && details !== null && details.length > 0, about)
    assert.doesNotMatch(message, /\[object/, `${message}\n${about}`)
    return []
  }

  /** What is answered is read as it was written. */
  #checkAnswer(type: AnyType, bytes: Buffer, about: string): void {
    const read = type.decode(bytes)
    assert.deepEqual(type.encode(read), bytes, about)
    const text = JSON.stringify(read)
    for (const [, kept = ''] of text.matchAll(/"(?:receipt|reservation)":"([^"]+)"/g)) this.#kept.push(kept)
    if (this.#kept.length > KEPT_MAX) this.#kept.splice(0, this.#kept.length - KEPT_MAX)
  }
}

/** A message of bytes; what is none is the caller's mistake, and any other error is ours. */
function decoded(type: AnyType, bytes: Buffer): unknown {
  try {
    return type.decode(bytes)
  } catch (reason) {
    assert.ok(reason instanceof ProtobufError, String(reason))
    throw new RpcError('INVALID_ARGUMENT', reason.message)
  }
}

function zeroOf(type: Field['type']): unknown {
  if (type === 'string') return ''
  if (type === 'bool') return false
  return type === 'bytes' ? Buffer.alloc(0) : 0
}
