import { STATUS_CODES } from 'node:http'
import type { FastAnswer } from './fast-request.ts'

/** What Node refuses to write into a field as well: with it an answer could become two. */
const UNWRITABLE = /[^\t\x20-\x7e\x80-\xff]/

/** Whether it is the last answer of its connection (RFC 9112, section 9.6). */
export function isLast({ fields }: FastAnswer): boolean {
  for (const field of fields) if (field[0] === 'connection') return true
  return false
}

/**
 * An answer as the ordinary server writes it, one character an octet; `ending` is all that follows `content-length`. Throws where
 * a value of a field cannot be written.
 */
export function answerText({ status, fields, body }: FastAnswer, ending: string): string {
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'unknown'}\r\n`
  for (const [name, value] of fields) {
    if (UNWRITABLE.test(value)) throw new TypeError(`a value of the field ${name} cannot be written`)
    head += `${name}: ${value}\r\n`
  }
  const length = Buffer.byteLength(body)
  const octets = length === body.length ? body : Buffer.from(body).toString('latin1')
  return `${head}content-length: ${length}\r\n${ending}${octets}`
}

/** The lines after `content-length`: made once a second, as the time is. */
export class Endings {
  readonly #keepAlive: string
  #second = Number.NaN
  #open = ''
  #last = ''

  /** `keepAliveMs`: how long an idle connection is kept; what is said of it is in whole seconds. */
  constructor(keepAliveMs: number) {
    this.#keepAlive = `Connection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(keepAliveMs / 1000)}\r\n\r\n`
  }

  /** Of an answer after which the connection stays open, or of the last one, which says itself that it is. */
  of(isLast: boolean): string {
    const second = Math.floor(Date.now() / 1000)
    if (second !== this.#second) {
      this.#second = second
      const date = `Date: ${new Date(second * 1000).toUTCString()}\r\n`
      this.#open = `${date}${this.#keepAlive}`
      this.#last = `${date}\r\n`
    }
    return isLast ? this.#last : this.#open
  }
}
