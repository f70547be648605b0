/** Parses RESP2 replies from chunks of any size. */

/** A parsed reply. An error reply is a value too, and may be an element of a list. */
export type Reply = number | string | null | ReplyError | Reply[]

/** An error reply, which begins with `-`; its text, such as `NOSCRIPT No matching script`, is the message. */
export class ReplyError extends Error {
  override readonly name = 'ReplyError'
}

/** A list that is not complete yet. */
interface OpenList {
  readonly values: Reply[]
  readonly count: number
  readonly outer: OpenList | null
}

/** What the next byte is part of. */
type Stage = 'type' | 'digits' | 'line' | 'line feed' | 'text'

/**
 * Limits of a reply in bytes and in nesting, against a peer that would exhaust memory. Our own scripts reply with one
 * list, 14 kB for 64 decisions.
 */
export const REPLY_BYTES_MAX: number = 1024 * 1024
export const DEPTH_MAX: number = 8

const [LF, CR, MINUS, ZERO, NINE] = [10, 13, 45, 48, 57]
const [STATUS, ERROR, NUMBER, TEXT, LIST] = [43, 45, 58, 36, 42]
/** Digits of a 64-bit integer. Numbers beyond 2^53 are inexact here; `numbersOf` refuses them. */
const DIGITS_MAX = 19

/**
 * An incremental parser: it reads each byte once and keeps no chunk, so that the caller may reuse its buffer. After it
 * threw, it must not be used again, and the connection has to be closed.
 */
export class ReplyParser {
  readonly #onReply: (reply: Reply) => void
  #stage: Stage = 'type'
  #type = 0
  #digits = 0
  #number = 0
  #negative = false
  /** The line read so far, one character per byte. */
  #line = ''
  /** A bulk string with its CRLF, and how many bytes of it were read. */
  #text: Buffer | null = null
  #filled = 0
  #list: OpenList | null = null
  #depth = 0
  /** Bytes of the current reply in earlier chunks, and its start in this one. */
  #bytesBefore = 0
  #start = 0

  constructor(onReply: (reply: Reply) => void) {
    this.#onReply = onReply
  }

  /** Parses `bytes` up to `end`; throws if they are no RESP2 or a reply is too large. */
  push(bytes: Buffer, end: number = bytes.length): void {
    let at = 0
    this.#start = 0
    while (at < end) {
      at = this.#read(bytes, at, end)
      if (at - this.#start + this.#bytesBefore > REPLY_BYTES_MAX) throw tooLarge()
    }
    this.#bytesBefore += at - this.#start
  }

  /** Parses at most to the end of one value; returns the offset it reached. */
  #read(bytes: Buffer, at: number, end: number): number {
    switch (this.#stage) {
      case 'type':
        return this.#readType(bytes, at, end)
      case 'digits':
        return this.#readDigits(bytes, at, end)
      case 'line':
        return this.#readLine(bytes, at, end)
      case 'line feed':
        return this.#readLineFeed(bytes, at)
      case 'text':
        return this.#readText(bytes, at, end)
    }
  }

  #readType(bytes: Buffer, at: number, end: number): number {
    this.#type = bytes[at] as number
    switch (this.#type) {
      case NUMBER:
      case LIST:
      case TEXT:
        this.#stage = 'digits'
        this.#digits = this.#number = 0
        this.#negative = false
        return this.#readDigits(bytes, at + 1, end)
      case STATUS:
      case ERROR:
        this.#stage = 'line'
        this.#line = ''
        return at + 1
      default:
        throw malformed(this.#type)
    }
  }

  #readDigits(bytes: Buffer, from: number, end: number): number {
    let number = this.#number
    let at = from
    for (; at < end; at++) {
      const byte = bytes[at] as number
      if (byte >= ZERO && byte <= NINE) number = number * 10 + (byte - ZERO)
      else if (byte === MINUS && this.#digits + at === from && !this.#negative) {
        this.#negative = true
        from++
      } else break
    }
    this.#number = number
    this.#digits += at - from
    if (this.#digits > DIGITS_MAX) throw tooLarge()
    if (at === end) return at
    if (bytes[at] !== CR || this.#digits === 0) throw malformed(bytes[at] as number)
    this.#stage = 'line feed'
    return at + 1 === end ? end : this.#readLineFeed(bytes, at + 1)
  }

  #readLine(bytes: Buffer, at: number, end: number): number {
    const found = bytes.indexOf(CR, at)
    const stop = found < 0 || found >= end ? end : found
    this.#line += bytes.toString('latin1', at, stop)
    if (stop === end) return end
    this.#stage = 'line feed'
    return stop + 1
  }

  #readLineFeed(bytes: Buffer, at: number): number {
    if (bytes[at] !== LF) throw malformed(bytes[at] as number)
    this.#stage = 'type'
    switch (this.#type) {
      case NUMBER:
        // `0 - n` instead of `-n`, which would make -0 of 0.
        this.#finish(this.#negative ? 0 - this.#number : this.#number, at + 1)
        break
      case TEXT:
      case LIST:
        this.#open(at + 1)
        break
      default: {
        const line = Buffer.from(this.#line, 'latin1').toString()
        this.#finish(this.#type === ERROR ? new ReplyError(line) : line, at + 1)
      }
    }
    return at + 1
  }

  /** Begins a bulk string or a list, after its length was read. */
  #open(at: number): void {
    const length = this.#number
    if (this.#negative) {
      if (length !== 1) throw malformed(MINUS)
      this.#finish(null, at)
    } else if (length > REPLY_BYTES_MAX) {
      throw tooLarge()
    } else if (this.#type === TEXT) {
      this.#stage = 'text'
      this.#text = Buffer.allocUnsafe(length + 2)
      this.#filled = 0
    } else if (length === 0) {
      this.#finish([], at)
    } else {
      if (++this.#depth > DEPTH_MAX) throw tooLarge()
      this.#list = { values: [], count: length, outer: this.#list }
    }
  }

  #readText(bytes: Buffer, at: number, end: number): number {
    const text = this.#text as Buffer
    const copied = bytes.copy(text, this.#filled, at, end)
    this.#filled += copied
    if (this.#filled < text.length) return end
    const length = text.length - 2
    if (text[length] !== CR || text[length + 1] !== LF) throw malformed(text[length] as number)
    this.#stage = 'type'
    this.#text = null
    this.#finish(text.toString('utf8', 0, length), at + copied)
    return at + copied
  }

  /** Adds a value to the list it is in; when that completes the list, adds that to its outer list, and so on. */
  #finish(value: Reply, at: number): void {
    let done = value
    for (let list = this.#list; list !== null; list = this.#list) {
      list.values.push(done)
      if (list.values.length < list.count) return
      done = list.values
      this.#list = list.outer
      this.#depth--
    }
    this.#start = at
    this.#bytesBefore = 0
    this.#onReply(done)
  }
}

function malformed(byte: number): Error {
  const found = `0x${byte.toString(16).padStart(2, '0')}`
  const fix = 'check that the port belongs to Redis, and that both sides or neither use TLS'
  return new Error(`the server sent ${found}, which is no reply of Redis; ${fix}`)
}

function tooLarge(): Error {
  return new Error(
    `the server sent a reply larger than ${REPLY_BYTES_MAX} bytes or nested deeper than ${DEPTH_MAX} lists, which no script of ours does`,
  )
}
