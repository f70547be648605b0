import { join } from 'node:path'
import { loadSync, type MessageTypeDefinition } from '@grpc/proto-loader'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RateLimitRequest, RateLimitResponse } from '../../src/gen/envoy-service-ratelimit-v3.ts'
import { Struct, Value } from '../../src/gen/google-protobuf.ts'
import { Decision, LimitRequest } from '../../src/gen/headgate-v1.ts'
import { BucketStatusResponse, RateLimitRequest as LimitrRequest } from '../../src/gen/limitr-v1.ts'
import type { Field, MessageType } from '../../src/protobuf/message.ts'
import { ProtobufError } from '../../src/protobuf/protobuf-error.ts'

const ROOT = join(import.meta.dirname, '../../proto')

/** The same messages read and written by protobufjs, from the same files. */
const oracle = loadSync(
  ['headgate/v1/headgate.proto', 'envoy/service/ratelimit/v3/rls.proto', 'limitr/v1/limitr.proto'],
  { includeDirs: [ROOT], longs: Number, defaults: true, arrays: true, objects: false, enums: Number },
)

function theirs(type: MessageType<never>): MessageTypeDefinition<object, object> {
  return oracle[type.name] as MessageTypeDefinition<object, object>
}

const whole = fc.maxSafeNat()
const SCALARS = {
  string: fc.string({ unit: 'grapheme', maxLength: 200 }),
  bytes: fc.uint8Array({ maxLength: 200 }),
  bool: fc.boolean(),
  double: fc.double({ noNaN: true }).map((value) => (Object.is(value, -0) ? 0 : value)),
  uint32: fc.nat(4_294_967_295),
  int32: fc.integer(),
  uint64: whole,
  int64: fc.maxSafeInteger(),
  enum: fc.nat(7),
} as const

/** Any message of a type; of a choice at most one is there. */
function anyOf(type: MessageType<never>, depth = 0): fc.Arbitrary<object> {
  const fields = type.fields.filter(
    (field) => depth < 3 || !isOptional(field) || typeof field.type === 'string',
  )
  const optional = fields.filter(isOptional).map(({ name }) => name)
  const required = fields.map(({ name }) => name).filter((name) => !optional.includes(name))
  const record = fc.record(
    Object.fromEntries(fields.map((field) => [field.name, anyValueOf(field, depth)])),
    {
      requiredKeys: required,
    },
  )
  if (type.name !== Value.name) return record
  return fc.tuple(record, fc.constantFrom(...optional)).map(([all, name]) => {
    return name in all ? { [name]: (all as Record<string, unknown>)[name] } : {}
  })
}

function isOptional({ count, type }: Field): boolean {
  return count === 'optional' || (count === 'one' && typeof type === 'function')
}

function anyValueOf({ type, count }: Field, depth: number): fc.Arbitrary<unknown> {
  const one =
    typeof type === 'string' ? SCALARS[type] : depth < 3 ? anyOf(type(), depth + 1) : fc.constant({})
  if (count === 'map') return fc.dictionary(SCALARS.string, SCALARS.string, { maxKeys: 4 })
  if (count !== 'many') return one
  return fc.array(one as fc.Arbitrary<unknown>, { maxLength: depth < 3 || typeof type === 'string' ? 3 : 0 })
}

/** Without what tells nothing: fields that are not there, and how bytes and maps are kept. */
function plain(message: unknown): unknown {
  return JSON.parse(
    JSON.stringify(message, (_, value) =>
      value instanceof Uint8Array || value?.type === 'Buffer'
        ? Buffer.from(value.data ?? value).toString('hex')
        : value,
    ),
  )
}

const types = [
  LimitRequest,
  Decision,
  RateLimitRequest,
  RateLimitResponse,
  LimitrRequest,
  BucketStatusResponse,
  Struct,
]

describe('messages', () => {
  it.each(types.map((type) => [type.name, type as unknown as MessageType<never>] as const))(
    'property: %s is read as it was written, here and by protobufjs',
    (_, type) => {
      fc.assert(
        fc.property(anyOf(type), (message) => {
          const bytes = type.encode(message as never)
          expect(plain(type.decode(bytes))).toEqual(plain(message))
          // protobufjs wants a value with each key of a Struct.
          if (type.name.startsWith('google') || 'dynamicMetadata' in message) return
          const { serialize, deserialize } = theirs(type)
          expect(plain(type.decode(serialize(deserialize(bytes))))).toEqual(plain(message))
        }),
        { numRuns: 60 },
      )
    },
  )

  it('property: no bytes but those of a message are read, and nothing else comes of them than an error', () => {
    fc.assert(
      fc.property(fc.constantFrom(...types), fc.uint8Array({ maxLength: 200 }), (type, bytes) => {
        try {
          ;(type as MessageType<never>).decode(bytes)
        } catch (reason) {
          expect(reason).toBeInstanceOf(ProtobufError)
        }
      }),
      { numRuns: 2000 },
    )
  })

  it.each<[string, number[]]>([
    ['a text that is longer than the message', [0x2a, 0xff, 0xff, 0xff, 0xff, 0x07]],
    ['a part that is longer than the message', [0x1a, 0x05, 0x0a]],
    ['a part that reaches beyond the one around it', [0x1a, 0x02, 0x0a, 0x05, 0x61, 0x61, 0x61]],
    ['a number that does not end', [0x20, ...Array<number>(10).fill(0xff)]],
    ['a number beyond 2^53 - 1', [0x20, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]],
    ['a field without a number', [0x00]],
    ['a group', [0x0b]],
    ['bytes that are no UTF-8', [0x2a, 0x01, 0xff]],
  ])('refuses %s', (_, bytes) => {
    expect(() => LimitRequest.decode(Uint8Array.from(bytes))).toThrow(ProtobufError)
  })

  it('refuses what lies too deep', () => {
    let value: object = { nullValue: 0 }
    for (let i = 0; i < 40; i++) value = { listValue: { values: [value] } }
    expect(() => Value.decode(Value.encode(value as never))).toThrow(/more than 32 deep/)
  })

  it('passes over fields of a later version, and keeps what an absent one means', () => {
    const bytes = Buffer.concat([
      Buffer.from([0xfa, 0x01, 0x02, 0x61, 0x61]),
      LimitRequest.encode({
        attributes: {},
        descriptor: [],
        policy: 'p',
        limit: [],
        cost: 0,
      }),
    ])
    expect(LimitRequest.decode(bytes)).toEqual({
      attributes: {},
      descriptor: [],
      policy: 'p',
      limit: [],
      cost: 0,
    })
    expect(LimitRequest.decode(Buffer.alloc(0))).toEqual({
      attributes: {},
      descriptor: [],
      policy: '',
      limit: [],
    })
  })

  it('keeps an attribute of whatever name as one of its own', () => {
    const attributes = Object.fromEntries([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ])
    const read = LimitRequest.decode(
      LimitRequest.encode({ attributes, descriptor: [], policy: '', limit: [] }),
    )
    expect(Object.entries(read.attributes)).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ])
  })
})
