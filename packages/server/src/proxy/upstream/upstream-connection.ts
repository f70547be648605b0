import type { Readable } from 'node:stream'
import { type buildConnector, Client, type Dispatcher } from 'undici'
import type { TargetPlace } from './connect-target.ts'

/** Most octets of the head of a response. */
const HEAD_BYTES_MAX = 32_768
/** How long an unused connection is kept where the target does not say. */
const KEEP_MS = 4000
const KEEP_MAX_MS = 60_000
/** By how much earlier it is closed than the target says, so that no request meets its end. */
const KEEP_MARGIN_MS = 1000

/** A request as the client of HTTP takes it. */
export interface DispatchOptions {
  readonly method: string
  readonly path: string
  readonly headers: string[]
  readonly body: Readable | null
  readonly upgrade: string | null
}

/** What the client of HTTP calls. */
export type DispatchHandler = Dispatcher.DispatchHandler

/** A place for one connection to a target, which is opened when a request comes, and again after it was closed. */
export class UpstreamConnection {
  readonly #client: Client
  readonly #host: string
  readonly #onClosed: (connection: UpstreamConnection) => void
  #sent = 0
  #wasReset = false

  /** `onClosed` is told when an open connection has ended. */
  constructor(
    { origin, host }: TargetPlace,
    connect: buildConnector.connector,
    onClosed: (connection: UpstreamConnection) => void,
  ) {
    this.#host = host
    this.#onClosed = onClosed
    const connectFresh: buildConnector.connector = (options, callback) =>
      connect(options, (...result) => {
        const socket = result[1]
        if (socket !== null) {
          this.#sent = 0
          this.#wasReset = false
          // Heard before the client of HTTP does, which takes a reset for the end of a response without a length.
          socket.prependListener('error', () => {
            this.#wasReset = true
          })
        }
        callback(...result)
      })
    this.#client = new Client(origin, {
      connect: connectFresh,
      pipelining: 1,
      maxHeaderSize: HEAD_BYTES_MAX,
      keepAliveTimeout: KEEP_MS,
      keepAliveMaxTimeout: KEEP_MAX_MS,
      keepAliveTimeoutThreshold: KEEP_MARGIN_MS,
      // Timed by whoever dispatches.
      headersTimeout: 0,
      bodyTimeout: 0,
    })
    this.#client.on('disconnect', () => this.#onClosed(this))
  }

  dispatch({ method, path, headers, body, upgrade }: DispatchOptions, handler: DispatchHandler): void {
    // By default the name for TLS is that of the field Host: each other host would close the connection.
    const options = { method: method as 'GET', path, headers, body, upgrade, servername: this.#host }
    this.#client.dispatch(options, handler)
  }

  /** Counts a request that is about to be written; whether others were before it on this connection. */
  countSent(): boolean {
    return this.#sent++ > 0
  }

  /** Whether the connection ended with an error. */
  get wasReset(): boolean {
    return this.#wasReset
  }

  /** Closes it at once, after what calls this has returned: that may be the client of HTTP itself. */
  destroy(): void {
    setImmediate(() => this.#client.destroy(() => {}))
  }
}
