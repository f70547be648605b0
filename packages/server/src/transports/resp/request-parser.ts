import { isUtf8 } from 'node:buffer'
import { ARGUMENT_BYTES_MAX, ARGUMENTS_MAX, COMMAND_BYTES_MAX } from './limits.ts'

/** A command: its name and arguments, as texts. */
export type Command = readonly string[]

/** Bytes that are no command: after them nobody can tell where the next one begins. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
}

const CR = 13
const LF = 10
const ASTERISK = 42
const DOLLAR = 36
const ZERO = 48
const NINE = 57
const NOTHING: Buffer = Buffer.alloc(0)

/**
 * Reads commands from the bytes of a connection, in whatever pieces they come: arrays of bulk strings, and inline commands, which
 * are words on a line. What is read once is not read again, however small the pieces are.
 */
export class RequestParser {
  #bytes: Buffer = NOTHING
  /** Pieces that were not looked at yet. */
  #pieces: Buffer[] = []
  /** Bytes that are here, and how many there have to be before anything can be read. */
  #here = 0
  #needed = 1
  #at = 0
  /** Arguments of a command that is not whole, and how many it is to have; null between two commands. */
  #arguments: string[] = []
  #count: number | null = null
  /** Bytes of that command which are read. */
  #read = 0
  /** Whether the command read last was a line of words, as a person types it. */
  isInline = false

  /** Takes more bytes; `next` then answers the commands in them. */
  push(chunk: Buffer): void {
    this.#pieces.push(chunk)
    this.#here += chunk.length
  }

  /** Whether a command has begun and is not whole. */
  get isInside(): boolean {
    return this.#here > 0 || this.#count !== null
  }

  /** The next command, empty for a blank line; null where it is not whole yet. Throws {@link ProtocolError}. */
  next(): Command | null {
    let command: Command | null = null
    if (this.#here >= this.#needed) {
      this.#gather()
      command = this.#command()
      this.#keepRest()
    }
    if (command === null && this.#read + this.#here > COMMAND_BYTES_MAX)
      throw new ProtocolError('too big a command')
    return command
  }

  #gather(): void {
    if (this.#pieces.length === 0) return
    const pieces = this.#bytes.length === 0 ? this.#pieces : [this.#bytes, ...this.#pieces]
    this.#bytes = pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces)
    this.#pieces = []
  }

  /** What is read is forgotten. */
  #keepRest(): void {
    this.#bytes = this.#at === this.#bytes.length ? NOTHING : this.#bytes.subarray(this.#at)
    this.#here -= this.#at
    this.#read += this.#at
    this.#at = 0
    if (this.#count === null) this.#read = 0
  }

  #command(): Command | null {
    this.#needed = 1
    if (this.#count === null) {
      this.isInline = this.#bytes[0] !== ASTERISK
      if (this.isInline) return this.#inline()
      const count = this.#length('multibulk length', ARGUMENTS_MAX)
      if (count === null) return null
      this.#count = count
    }
    while (this.#arguments.length < this.#count) {
      const argument = this.#bulk()
      if (argument === null) return null
      this.#arguments.push(argument)
    }
    const command = this.#arguments
    this.#arguments = []
    this.#count = null
    return command
  }

  /** One argument; where it is not whole, nothing of it counts as read. */
  #bulk(): string | null {
    const bytes = this.#bytes
    const from = this.#at
    if (from >= bytes.length) return null
    if (bytes[from] !== DOLLAR) throw new ProtocolError(`expected '$', got byte ${bytes[from]}`)
    const length = this.#length('bulk length', ARGUMENT_BYTES_MAX)
    if (length === null) return null
    const end = this.#at + length
    if (end + 2 > bytes.length) {
      this.#needed = end + 2 - from
      this.#at = from
      return null
    }
    if (bytes[end] !== CR || bytes[end + 1] !== LF) throw new ProtocolError('expected the end of an argument')
    const text = textOf(bytes, this.#at, end)
    this.#at = end + 2
    return text
  }

  /** The number behind one character, up to the end of its line; null where that is not there yet. */
  #length(what: string, most: number): number | null {
    const bytes = this.#bytes
    const from = this.#at + 1
    let value = 0
    let at = from
    for (; at < bytes.length; at++) {
      const byte = bytes[at] as number
      if (byte < ZERO || byte > NINE) break
      value = value * 10 + (byte - ZERO)
      if (value > most) throw new ProtocolError(`invalid ${what}: at most ${most}`)
    }
    if (at + 1 >= bytes.length) {
      if (at < bytes.length && bytes[at] !== CR) throw new ProtocolError(`invalid ${what}`)
      this.#needed = bytes.length - this.#at + 1
      return null
    }
    if (at === from || bytes[at] !== CR || bytes[at + 1] !== LF) throw new ProtocolError(`invalid ${what}`)
    this.#at = at + 2
    return value
  }

  #inline(): Command | null {
    const bytes = this.#bytes
    const end = bytes.indexOf(LF, this.#at)
    if (end === -1 && bytes.length - this.#at <= ARGUMENT_BYTES_MAX) return null
    if (end === -1 || end - this.#at > ARGUMENT_BYTES_MAX)
      throw new ProtocolError('too big an inline command')
    const line = textOf(bytes, this.#at, end)
    this.#at = end + 1
    const words = line.split(/[ \t\r]+/).filter((word) => word !== '')
    if (words.length > ARGUMENTS_MAX) throw new ProtocolError(`at most ${ARGUMENTS_MAX} words`)
    return words
  }
}

/** Bytes that are no UTF-8 would all become one character, and keys would meet. */
function textOf(bytes: Buffer, from: number, to: number): string {
  const text = bytes.toString('utf8', from, to)
  if (text.includes('\uFFFD') && !isUtf8(bytes.subarray(from, to)))
    throw new ProtocolError('an argument is not UTF-8')
  return text
}
