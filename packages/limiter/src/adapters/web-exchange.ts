import type { Exchange, ResponseEnd } from '../middleware/exchange.ts'
import type { MaybePromise } from '../middleware/maybe-promise.ts'
import { finishResponse } from './web-response.ts'

/** What a framework knows beside the web `Request`. */
export interface WebExchangeParts<R> {
  readonly request: R
  readonly web: Request
  readonly identity: object
  readonly peer: () => string | undefined
  /**
   * @default undefined, no route is known
   */
  readonly route?: () => string | undefined
}

/** An exchange over a web `Request`, and the `Response` that comes later. */
export class WebExchange<R> implements Exchange<R> {
  readonly request: R
  readonly identity: object
  readonly #parts: WebExchangeParts<R>
  readonly #fields = new Map<string, string>()
  readonly #listeners: ((end: ResponseEnd) => void)[] = []

  constructor(parts: WebExchangeParts<R>) {
    this.request = parts.request
    this.identity = parts.identity
    this.#parts = parts
  }

  get method(): string {
    return this.#parts.web.method
  }

  get target(): string {
    const { pathname, search } = new URL(this.#parts.web.url)
    return pathname + search
  }

  get route(): string | undefined {
    return this.#parts.route?.()
  }

  get peer(): string | undefined {
    return this.#parts.peer()
  }

  get signal(): AbortSignal {
    return this.#parts.web.signal
  }

  header(name: string): string | undefined {
    const { headers, url } = this.#parts.web
    // HTTP/2 has the host in its URL alone.
    return headers.get(name) ?? (name === 'host' ? new URL(url).host : undefined)
  }

  setHeader(name: string, value: string): void {
    this.#fields.set(name.toLowerCase(), value)
  }

  getHeader(name: string): string | undefined {
    return this.#fields.get(name.toLowerCase())
  }

  onEnd(listener: (end: ResponseEnd) => void): void {
    this.#listeners.push(listener)
  }

  /** Has the application answer; where it fails, whoever called it does. */
  run<T>(application: () => MaybePromise<T>): MaybePromise<T> {
    return this.#listeners.length === 0 ? application() : this.#observed(application)
  }

  /** The response of the application, with what the limit tells, and watched to its end where that matters. */
  finish(response: Response): Response {
    return finishResponse(response, {
      method: this.method,
      fields: this.#fields,
      listeners: this.#listeners,
    })
  }

  async #observed<T>(application: () => MaybePromise<T>): Promise<T> {
    try {
      return await application()
    } catch (error) {
      for (const listener of this.#listeners) listener({ status: 500, aborted: false, bytes: 0 })
      throw error
    }
  }
}
