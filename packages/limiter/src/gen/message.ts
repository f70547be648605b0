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
  #byTag: ReadonlyMap<number, Field> | null = null

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
    this.#byTag ??= tagsOf(this.fields)
    const message: Values = {}
    for (const { name, count, type } of this.fields) {
      if (count === 'many') message[name] = []
      else if (count === 'map') message[name] = new Map()
      else if (count === 'one' && typeof type === 'string') message[name] = ZERO[type]
    }
    while (!reader.isAtEnd) {
      const tag = reader.tag()
      const field = this.#byTag.get(tag)
      if (field === undefined) reader.skip(tag)
      else readField(field, message, { reader, tag, depth })
    }
    for (const { name, count } of this.fields) {
      if (count === 'map') message[name] = Object.fromEntries(message[name])
    }
    return message
  }

  write(message: Values, writer: Writer): void {
    for (const field of this.fields) {
      const value = message[field.name]
      if (value !== undefined) writeField(field, value, writer)
    }
  }
}

/** Numbers in a list may be written one by one or together. */
function tagsOf(fields: readonly Field[]): ReadonlyMap<number, Field> {
  const tags = new Map<number, Field>()
  for (const field of fields) {
    tags.set(field.number * 8 + wireOf(field), field)
    if (field.count === 'many') tags.set(field.number * 8 + LENGTH, field)
  }
  return tags
}

function wireOf({ type, count }: Field): number {
  if (count === 'map' || typeof type === 'function' || type === 'string' || type === 'bytes') return LENGTH
  return type === 'double' ? FIXED64 : VARINT
}

interface At {
  readonly reader: Reader
  readonly tag: number
  readonly depth: number
}

function readField(field: Field, message: Values, { reader, tag, depth }: At): void {
  const { name, type, count } = field
  if (count === 'map') {
    const [key, value] = reader.within(() => readEntry(reader))
    message[name].set(key, value)
    return
  }
  if (typeof type === 'function') {
    const inner = type() as unknown as Type
    const value = reader.within(() => inner.read(reader, depth + 1))
    if (count === 'many') message[name].push(value)
    else message[name] = value
    return
  }
  if (count !== 'many') {
    message[name] = readScalar(type, reader)
    return
  }
  if ((tag & 7) === LENGTH && wireOf(field) !== LENGTH) {
    reader.within(() => {
      while (!reader.isAtEnd) message[name].push(readScalar(type, reader))
    })
  } else message[name].push(readScalar(type, reader))
}

function readEntry(reader: Reader): [string, string] {
  let key = ''
  let value = ''
  while (!reader.isAtEnd) {
    const tag = reader.tag()
    if (tag === 8 + LENGTH) key = reader.string()
    else if (tag === 16 + LENGTH) value = reader.string()
    else reader.skip(tag)
  }
  return [key, value]
}

function readScalar(type: Scalar, reader: Reader): unknown {
  return type === 'enum' ? reader.int32() : reader[type]()
}

function writeField(field: Field, value: unknown, writer: Writer): void {
  const { type, count } = field
  const tag = field.number * 8 + wireOf(field)
  if (count === 'map') {
    for (const [key, one] of Object.entries(value as Record<string, string>)) {
      writer.varint(tag)
      writer.within(() => {
        writer.varint(8 + LENGTH)
        writer.string(key)
        writer.varint(16 + LENGTH)
        writer.string(one)
      })
    }
    return
  }
  if (count === 'many') {
    for (const one of value as unknown[]) writeOne(type, { tag, value: one, writer })
    return
  }
  // What is zero need not be written, unless it tells that something was said.
  if (count === 'one' && typeof type === 'string' && isZero(value)) return
  writeOne(type, { tag, value, writer })
}

function isZero(value: unknown): boolean {
  return value === '' || value === 0 || value === false || (value as Uint8Array).length === 0
}

interface Written {
  readonly tag: number
  readonly value: unknown
  readonly writer: Writer
}

function writeOne(type: Field['type'], { tag, value, writer }: Written): void {
  writer.varint(tag)
  if (typeof type === 'function') {
    const inner = type() as unknown as Type
    writer.within(() => inner.write(value as Values, writer))
  } else if (type === 'string') writer.string(value as string)
  else if (type === 'bytes') writer.bytes(value as Uint8Array)
  else if (type === 'double') writer.double(value as number)
  else writer.varint(Number(value))
}
