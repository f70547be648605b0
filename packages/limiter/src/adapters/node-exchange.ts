import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HttpAnswer } from '../http/answer.ts'
import type { Exchange, ResponseEnd } from '../middleware/exchange.ts'
import { isClosed, onResponseEnd } from './node-response-end.ts'

/** What a framework on `node:http` knows beside the messages. */
export interface NodeExchangeParts<R> {
  readonly request: R
  readonly incoming: IncomingMessage
  readonly response: ServerResponse
  /**
   * @default undefined, no route is known
   */
  readonly route?: () => string | undefined
  /**
   * Path and query before a framework cut off where it is mounted.
   * @default the `url` of the message
   */
  readonly target?: string
}

/** An exchange over `node:http`, which most frameworks of Node are built on. */
export class NodeExchange<R> implements Exchange<R> {
  readonly request: R
  readonly identity: object
  readonly #incoming: IncomingMessage
  readonly #response: ServerResponse
  readonly #target: string | undefined
  readonly #route: (() => string | undefined) | undefined

  constructor({ request, incoming, response, route, target }: NodeExchangeParts<R>) {
    this.request = request
    this.identity = incoming
    this.#incoming = incoming
    this.#response = response
    this.#target = target
    this.#route = route
  }

  get method(): string {
    return this.#incoming.method ?? 'GET'
  }

  get target(): string {
    return this.#target ?? this.#incoming.url ?? '/'
  }

  get route(): string | undefined {
    return this.#route?.()
  }

  get peer(): string | undefined {
    return this.#incoming.socket.remoteAddress
  }

  get signal(): AbortSignal {
    if (isClosed(this.#response)) return AbortSignal.abort()
    const abort = new AbortController()
    this.#response.once('close', () => abort.abort())
    return abort.signal
  }

  header(name: string): string | undefined {
    const { headers } = this.#incoming
    // HTTP/2 has the host in a field of its own.
    const value = headers[name] ?? (name === 'host' ? headers[':authority'] : undefined)
    return Array.isArray(value) ? value.join(', ') : value
  }

  setHeader(name: string, value: string): void {
    // What has been sent cannot be changed, and must not fail the request either.
    if (!this.#response.headersSent) this.#response.setHeader(name, value)
  }

  getHeader(name: string): string | undefined {
    const value = this.#response.getHeader(name)
    return value === undefined ? undefined : String(value)
  }

  onEnd(listener: (end: ResponseEnd) => void): void {
    onResponseEnd(this.#incoming, this.#response, listener)
  }
}

/** Sends an answer in place of the application's. */
export function sendAnswer(response: ServerResponse, { status, headers, body }: HttpAnswer): void {
  if (response.writableEnded || response.destroyed) return
  if (response.headersSent) {
    // Too late for an answer, and nobody else will end it.
    response.end()
    return
  }
  response.statusCode = status
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  response.end(body)
}
