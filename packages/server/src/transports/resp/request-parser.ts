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
 * are words on a line. What was read is kept only until its command is whole.
 */
export class RequestParser {
  #bytes: Buffer = NOTHING
  /** Where the next command begins. */
  #start = 0
  /** Where reading goes on. */
  #at = 0
  /** Whether the command read last was a line of words, as a person types it. */
  isInline = false

  /** Takes more bytes; `next` then answers the commands in them. */
  push(chunk: Buffer): void {
    this.#bytes =
      this.#start === this.#bytes.length ? chunk : Buffer.concat([this.#bytes.subarray(this.#start), chunk])
    this.#start = 0
  }

  /** Whether a command has begun and is not whole. */
  get isInside(): boolean {
    return this.#start < this.#bytes.length
  }

  /** The next command, empty for a blank line; null where it is not whole yet. Throws {@link ProtocolError}. */
  next(): Command | null {
    const bytes = this.#bytes
    this.#at = this.#start
    if (this.#at >= bytes.length) return null
    this.isInline = bytes[this.#at] !== ASTERISK
    const command = this.isInline ? this.#inline() : this.#array()
    if (command !== null) {
      this.#start = this.#at
      return command
    }
    if (bytes.length - this.#start > COMMAND_BYTES_MAX) throw new ProtocolError('too big a command')
    return null
  }

  #array(): Command | null {
    this.#at += 1
    const count = this.#length('multibulk length', ARGUMENTS_MAX)
    if (count === null) return null
    const command: string[] = []
    for (let i = 0; i < count; i++) {
      const argument = this.#bulk()
      if (argument === null) return null
      command.push(argument)
    }
    return command
  }

  #bulk(): string | null {
    const bytes = this.#bytes
    if (this.#at >= bytes.length) return null
    if (bytes[this.#at] !== DOLLAR) throw new ProtocolError(`expected '$', got byte ${bytes[this.#at]}`)
    this.#at += 1
    const length = this.#length('bulk length', ARGUMENT_BYTES_MAX)
    if (length === null) return null
    const end = this.#at + length
    if (end + 2 > bytes.length) return null
    if (bytes[end] !== CR || bytes[end + 1] !== LF) throw new ProtocolError('expected the end of an argument')
    const text = textOf(bytes, this.#at, end)
    this.#at = end + 2
    return text
  }

  /** A number up to the end of its line; null where that is not there yet. */
  #length(what: string, most: number): number | null {
    const bytes = this.#bytes
    let value = 0
    let at = this.#at
    for (; at < bytes.length; at++) {
      const byte = bytes[at] as number
      if (byte < ZERO || byte > NINE) break
      value = value * 10 + (byte - ZERO)
      if (value > most) throw new ProtocolError(`invalid ${what}: at most ${most}`)
    }
    if (at + 1 >= bytes.length) {
      if (at < bytes.length && bytes[at] !== CR) throw new ProtocolError(`invalid ${what}`)
      return null
    }
    if (at === this.#at || bytes[at] !== CR || bytes[at + 1] !== LF)
      throw new ProtocolError(`invalid ${what}`)
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
