import type { IncomingHttpHeaders } from 'node:http'
import type { ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import type { StreamHead } from './stream-fields.ts'

/** A request of HTTP/2 that looks like one of HTTP/1.1, which is all that the rest of the proxy knows. */
export class IncomingStream extends Readable {
  readonly method: string
  readonly url: string
  readonly rawHeaders: string[]
  readonly headers: IncomingHttpHeaders
  readonly httpVersionMajor = 1
  readonly httpVersionMinor = 1
  /** Of this request alone: one that is refused ends no other of its connection. */
  readonly socket: Socket
  readonly #stream: ServerHttp2Stream
  readonly #hasBody: boolean
  #isAttached = false

  /** `peer`: what is known of the connection. */
  constructor(stream: ServerHttp2Stream, { method, url, rawHeaders }: StreamHead, peer: object) {
    super()
    this.#stream = stream
    this.#hasBody = !stream.endAfterHeaders
    this.method = method
    this.url = url
    this.rawHeaders = rawHeaders
    this.headers = this.#hasBody ? { 'transfer-encoding': 'chunked' } : {}
    this.socket = Object.create(peer) as Socket
    // Whoever reads it is told as well, and may have left by then.
    this.on('error', () => {})
    stream.once('close', () => this.destroy())
  }

  /** Whether all of it has come. */
  get complete(): boolean {
    return !this.#hasBody || this.#stream.readableEnded
  }

  override _read(): void {
    if (!this.#hasBody) {
      this.push(null)
      return
    }
    if (this.#isAttached) {
      this.#stream.resume()
      return
    }
    this.#isAttached = true
    this.#stream
      .on('data', (chunk: Buffer) => {
        if (!this.push(chunk)) this.#stream.pause()
      })
      .once('end', () => {
        // Node lets the body of a stream that was reset end like any other.
        if (this.#stream.aborted || this.#stream.closed) this.destroy(new Error('The body broke off.'))
        else this.push(null)
      })
  }
}
