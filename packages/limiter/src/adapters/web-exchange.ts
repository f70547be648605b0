import type { Exchange, ResponseEnd } from '../middleware/exchange.ts'
import type { MaybePromise } from '../middleware/maybe-promise.ts'
import { watched, withFields } from './web-response.ts'

/** An exchange over a web `Request`, and the `Response` that comes later. */
export abstract class WebExchange<R extends object> implements Exchange<R> {
  readonly request: R
  readonly #web: Request
  // Made where they are needed: most requests have neither, and each would be garbage.
  #fields: Map<string, string> | null = null
  #listeners: ((end: ResponseEnd) => void)[] | null = null
  #watchedSignal: AbortSignal | null = null

  constructor(request: R, web: Request) {
    this.request = request
    this.#web = web
  }

  abstract get peer(): string | undefined

  get identity(): object {
    return this.request
  }

  get route(): string | undefined {
    return undefined
  }

  get method(): string {
    return this.#web.method
  }

  get target(): string {
    const { pathname, search } = new URL(this.#web.url)
    return pathname + search
  }

  get signal(): AbortSignal {
    return this.#web.signal
  }

  header(name: string): string | undefined {
    const { headers, url } = this.#web
    // HTTP/2 has the host in its URL alone.
    return headers.get(name) ?? (name === 'host' ? new URL(url).host : undefined)
  }

  setHeader(name: string, value: string): void {
    this.#fields ??= new Map()
    this.#fields.set(name.toLowerCase(), value)
  }

  getHeader(name: string): string | undefined {
    return this.#fields?.get(name.toLowerCase())
  }

  onEnd(listener: (end: ResponseEnd) => void): void {
    // Some runtimes watch the connection only for who has asked.
    this.#watchedSignal ??= this.signal
    this.#listeners ??= []
    this.#listeners.push(listener)
  }

  /** Has the application answer; where it fails, whoever called it does. */
  run<T>(application: () => MaybePromise<T>): MaybePromise<T> {
    return this.#listeners === null ? application() : this.#observed(application)
  }

  /** The response of the application, with what the limit tells, and watched to its end where that matters. */
  finish(response: Response): Response {
    if (this.#fields === null && this.#listeners === null) return response
    const { status } = response
    // An upgrade or a network error: what the runtime made for itself cannot be made again.
    if (status < 200) {
      // Read only here: of a response that is not made yet, as under Node, it costs the making.
      this.end({ status, aborted: response.type === 'error', bytes: 0 })
      return response
    }
    const told = this.#fields === null ? response : withFields(response, this.#fields)
    // Nobody reads the body that answers HEAD.
    return this.#listeners === null ? told : watched(told, this.method !== 'HEAD', (end) => this.end(end))
  }

  async #observed<T>(application: () => MaybePromise<T>): Promise<T> {
    try {
      return await application()
    } catch (error) {
      this.end({ status: 500, aborted: false, bytes: 0 })
      throw error
    }
  }

  /** Says how the response has ended, where no body tells it. Who went away before it began may not have been noticed by then. */
  end(end: ResponseEnd): void {
    const aborted = end.aborted || this.#watchedSignal?.aborted === true
    for (const listener of this.#listeners ?? []) listener({ ...end, aborted })
  }
}
