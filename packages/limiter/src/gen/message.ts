// Copied by scripts/build-proto.ts from packages/server/src/protobuf/message.ts; do not edit.
import { ProtobufError } from './protobuf-error.ts'
import { Reader } from './reader.ts'
import { Writer } from './writer.ts'

/** A type of messages: reads and writes them. */
export interface MessageType<T> {
  /** With its package: `headgate.v1.Decision`. */
  readonly name: string
  readonly fields: readonly Field[]
  /** Reads a message; throws a `ProtobufError` for bytes that are none. Fields that are not known are passed over. */
  decode(bytes: Uint8Array): T
  encode(message: T): Buffer
  /** As `encode`, behind what was written before. */
  write(message: T, writer: Writer): void
}

/** How the value of a field is written. */
export type Scalar = 'string' | 'bytes' | 'bool' | 'double' | 'uint32' | 'int32' | 'uint64' | 'int64' | 'enum'

/** A field of a message. */
export interface Field {
  readonly number: number
  /** As in objects: `retryAfterMs`. */
  readonly name: string
  readonly type: Scalar | (() => MessageType<never>)
  /**
   * `one`: always there, as zero or empty where it was not sent. `optional`: undefined where it was not sent, as every message is.
   * `many`: a list. `map`: texts by text.
   */
  readonly count: 'one' | 'optional' | 'many' | 'map'
}

// biome-ignore lint/suspicious/noExplicitAny: what a message holds is for its generated type to say
type Values = Record<string, any>

/** How deep messages may lie in each other: a value of JSON can hold itself. */
const DEPTH_MAX = 32

const ZERO = {
  string: '',
  bytes: new Uint8Array(0),
  bool: false,
  double: 0,
  uint32: 0,
  int32: 0,
  uint64: 0,
  int64: 0,
  enum: 0,
} as const

const VARINT = 0
const FIXED64 = 1
const LENGTH = 2

/** Makes a type of its fields; `fields` is called with the first message, when all types are there. */
export function messageType<T>(name: string, fields: () => readonly Field[]): MessageType<T> {
  const type = new Type(name, fields)
  return type as unknown as MessageType<T>
}

class Type {
  readonly name: string
  readonly #fieldsOf: () => readonly Field[]
  #fields: readonly Field[] | null = null
  #known: readonly KnownField[] | null = null
  #byTag: ReadonlyMap<number, KnownField> | null = null

  constructor(name: string, fields: () => readonly Field[]) {
    this.name = name
    this.#fieldsOf = fields
  }

  get fields(): readonly Field[] {
    this.#fields ??= this.#fieldsOf()
    return this.#fields
  }

  decode(bytes: Uint8Array): Values {
    return this.read(new Reader(bytes), 0)
  }

  encode(message: Values): Buffer {
    const writer = new Writer()
    this.write(message, writer)
    return writer.finish()
  }

  read(reader: Reader, depth: number): Values {
    if (depth > DEPTH_MAX) throw new ProtobufError(`messages lie more than ${DEPTH_MAX} deep in each other`)
    const byTag = this.#fieldsByTag()
    const message: Values = {}
    for (const field of this.#knownFields()) {
      if (field.count === 'many') message[field.name] = []
      else if (field.count === 'map') message[field.name] = {}
      else if (field.zero !== undefined) message[field.name] = field.zero
    }
    while (!reader.isAtEnd) {
      const tag = reader.tag()
      const field = byTag.get(tag)
      if (field === undefined) reader.skip(tag)
      else readField(field, message, { reader, tag, depth })
    }
    return message
  }

  write(message: Values, writer: Writer): void {
    for (const field of this.#knownFields()) {
      const value = message[field.name]
      if (value !== undefined) writeField(field, value, writer)
    }
  }

  #knownFields(): readonly KnownField[] {
    this.#known ??= this.fields.map(knownField)
    return this.#known
  }

  /** Numbers in a list may be written one by one or together. */
  #fieldsByTag(): ReadonlyMap<number, KnownField> {
    if (this.#byTag !== null) return this.#byTag
    const tags = new Map<number, KnownField>()
    for (const field of this.#knownFields()) {
      tags.set(field.tag, field)
      if (field.count === 'many') tags.set(field.number * 8 + LENGTH, field)
    }
    this.#byTag = tags
    return tags
  }
}

/** A field, with what is asked of it for each message. */
interface KnownField {
  readonly number: number
  readonly name: string
  readonly count: Field['count']
  /** Null where it is a message. */
  readonly scalar: Scalar | null
  readonly message: Type | null
  /** Its number and how it is written. */
  readonly tag: number
  /** What it is where it was not sent. */
  readonly zero: unknown
}

function knownField({ number, name, count, type }: Field): KnownField {
  const scalar = typeof type === 'function' ? null : type
  const message = typeof type === 'function' ? (type() as unknown as Type) : null
  const zero = count === 'one' && scalar !== null ? ZERO[scalar] : undefined
  return { number, name, count, scalar, message, tag: number * 8 + wireOf(scalar, count), zero }
}

function wireOf(scalar: Scalar | null, count: Field['count']): number {
  if (count === 'map' || scalar === null || scalar === 'string' || scalar === 'bytes') return LENGTH
  return scalar === 'double' ? FIXED64 : VARINT
}

interface At {
  readonly reader: Reader
  readonly tag: number
  readonly depth: number
}

function readField(field: KnownField, message: Values, { reader, tag, depth }: At): void {
  const { name, scalar, count } = field
  if (count === 'map') readEntry(reader, message[name])
  else if (scalar === null) {
    const before = reader.enter()
    const value = (field.message as Type).read(reader, depth + 1)
    reader.leave(before)
    if (count === 'many') message[name].push(value)
    else message[name] = value
  } else if (count !== 'many') message[name] = readScalar(scalar, reader)
  else if (tag === field.tag) message[name].push(readScalar(scalar, reader))
  else {
    const before = reader.enter()
    while (!reader.isAtEnd) message[name].push(readScalar(scalar, reader))
    reader.leave(before)
  }
}

function readEntry(reader: Reader, map: Record<string, string>): void {
  const before = reader.enter()
  let key = ''
  let value = ''
  while (!reader.isAtEnd) {
    const tag = reader.tag()
    if (tag === 8 + LENGTH) key = reader.string()
    else if (tag === 16 + LENGTH) value = reader.string()
    else reader.skip(tag)
  }
  reader.leave(before)
  // A key like any other.
  if (key === '__proto__') Object.defineProperty(map, key, { value, ...PLAIN })
  else map[key] = value
}

const PLAIN = { enumerable: true, configurable: true, writable: true } as const

function readScalar(scalar: Scalar, reader: Reader): unknown {
  switch (scalar) {
    case 'string':
      return reader.string()
    case 'enum':
      return reader.int32()
    default:
      return reader[scalar]()
  }
}

function writeField(field: KnownField, value: unknown, writer: Writer): void {
  const { count } = field
  if (count === 'map') writeEntries(field, value as Record<string, string>, writer)
  else if (count === 'many') for (const one of value as unknown[]) writeOne(field, one, writer)
  // What is zero need not be written, unless it tells that something was said.
  else if (field.zero === undefined || !isZero(value)) writeOne(field, value, writer)
}

function writeEntries({ tag }: KnownField, map: Record<string, string>, writer: Writer): void {
  for (const [key, one] of Object.entries(map)) {
    writer.varint(tag)
    const from = writer.begin()
    writer.varint(8 + LENGTH)
    writer.string(key)
    writer.varint(16 + LENGTH)
    writer.string(one)
    writer.end(from)
  }
}

function isZero(value: unknown): boolean {
  return value === '' || value === 0 || value === false || (value as Uint8Array).length === 0
}

function writeOne({ tag, scalar, message }: KnownField, value: unknown, writer: Writer): void {
  writer.varint(tag)
  switch (scalar) {
    case null: {
      const from = writer.begin()
      ;(message as Type).write(value as Values, writer)
      writer.end(from)
      break
    }
    case 'string':
      writer.string(value as string)
      break
    case 'bytes':
      writer.bytes(value as Uint8Array)
      break
    case 'double':
      writer.double(value as number)
      break
    default:
      writer.varint(Number(value))
  }
}
