import { EventEmitter } from 'node:events'
import { constants, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2'

/** Fields of a connection of HTTP/1.1, which HTTP/2 does not have (RFC 9113, section 8.2.2). */
const OF_CONNECTION: ReadonlySet<string> = new Set([
  'connection',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
])
/** How long a client may take nothing of a response that is written. */
const UNREAD_MS = 60_000

/** The response on a stream of HTTP/2, as far as the proxy makes use of one of HTTP/1.1. */
export class OutgoingStream extends EventEmitter {
  readonly #stream: ServerHttp2Stream
  #isEnded = false
  /** None of its own, on which a head could be joined with a body. */
  readonly socket = null
  statusCode = 0
  headersSent = false
  /** No matter: what is refused is a stream, and connections are left otherwise. */
  shouldKeepAlive = true

  constructor(stream: ServerHttp2Stream) {
    super()
    this.#stream = stream
    stream.on('drain', () => this.emit('drain'))
    stream.once('close', () => {
      if (this.#isSent) this.emit('finish')
      this.emit('close')
    })
    // It closes as well, which is what counts.
    stream.on('error', () => {})
  }

  get destroyed(): boolean {
    return this.#stream.closed || this.#stream.destroyed
  }

  /** Whether all of it was handed to the system. */
  get #isSent(): boolean {
    // Known when the stream has closed, before which Node may not say so itself.
    const { aborted, rstCode } = this.#stream
    return this.#isEnded && !aborted && rstCode === constants.NGHTTP2_NO_ERROR
  }

  /** Sends the head; the text of the status, which may stand before the fields, is not a part of HTTP/2. */
  writeHead(status: number, ...[textOrFields, fields]: readonly [string[] | string, string[]?]): this {
    this.headersSent = true
    this.statusCode = status
    if (this.destroyed) return this
    this.#stream.respond(fieldsOf(status, fields ?? (textOrFields as string[])))
    return this
  }

  writeContinue(): void {
    if (!this.destroyed) this.#stream.additionalHeaders({ ':status': 100 })
  }

  /** The head has been sent already. */
  flushHeaders(): void {}

  write(chunk: Buffer): boolean {
    return !this.#stream.writable || this.#stream.write(chunk)
  }

  end(chunk: Buffer | null = null): void {
    const stream = this.#stream
    if (this.destroyed) return
    this.#isEnded = true
    stream.setTimeout(UNREAD_MS, () => stream.close(constants.NGHTTP2_CANCEL))
    const isWhole = stream.endAfterHeaders || stream.readableEnded
    // Nobody reads the rest of what the client sends (RFC 9113, section 8.1).
    if (!isWhole) stream.once('finish', () => stream.close(constants.NGHTTP2_NO_ERROR))
    // A head without a body has ended it.
    if (stream.writable) stream.end(chunk ?? undefined)
    if (isWhole) stream.resume()
  }

  /** Breaks it off, so that the client sees that it is not whole. */
  destroy(): void {
    // With an error it is reset; to close it would end it like a whole one before.
    if (!this.destroyed) this.#stream.destroy(new Error('The response broke off.'))
  }
}

function fieldsOf(status: number, pairs: readonly string[]): OutgoingHttpHeaders {
  const fields: Record<string, number | string | string[]> = Object.create(null)
  fields[':status'] = status
  for (let i = 0; i < pairs.length; i += 2) {
    const name = (pairs[i] as string).toLowerCase()
    const value = pairs[i + 1] as string
    const before = fields[name]
    if (OF_CONNECTION.has(name)) continue
    if (before === undefined) fields[name] = value
    else if (name === 'set-cookie') fields[name] = [before as string, value].flat()
    // Node sends no second line of most fields; one list means the same.
    else fields[name] = `${before}, ${value}`
  }
  return fields
}
