import type { TRPCProcedureType } from '@trpc/server'
import type { Exchange, ResponseEnd } from '../middleware/exchange.ts'

/** One call of a procedure, as middleware of tRPC sees it: `C` is its context, `I` its input. */
export interface TrpcCall<C, I = unknown> {
  readonly ctx: C
  /** The input as validators in front of the limit left it. */
  readonly input: I
  readonly type: TRPCProcedureType
  /** Path of the procedure, such as `post.byId`. */
  readonly path: string
  readonly meta: unknown
  readonly signal: AbortSignal | undefined
  readonly batchIndex: number
  /** Reads the input as it was sent. */
  readonly getRawInput: () => Promise<unknown>
}

/** What contexts often have of the HTTP request: that of Node, or that of the web. */
interface HttpContext {
  readonly req?: {
    readonly socket?: { readonly remoteAddress?: string | undefined }
    readonly headers?: Headers | { readonly [name: string]: string | string[] | undefined }
  }
  /** Of Node; a reply of Fastify has `header` alone. */
  readonly res?: {
    readonly headersSent?: boolean
    setHeader?(name: string, value: string): unknown
    header?(name: string, value: string): unknown
    getHeader?(name: string): string | number | string[] | undefined
  }
  /** Of the fetch adapter. */
  readonly resHeaders?: Headers
}

/** An exchange over one call of a procedure; a request of HTTP may bring several. */
export class TrpcExchange implements Exchange<TrpcCall<unknown>> {
  readonly request: TrpcCall<unknown>
  /** The one object that all middleware of a call gets, and no other call: calls of a batch share their context. */
  readonly identity: object
  readonly #http: HttpContext
  readonly #listeners: ((end: ResponseEnd) => void)[] = []

  constructor(call: TrpcCall<unknown>) {
    this.request = call
    this.identity = call.getRawInput
    this.#http = (call.ctx ?? {}) as HttpContext
  }

  get method(): string {
    return this.request.type
  }

  get target(): string {
    return `/${this.request.path}`
  }

  get route(): string {
    return this.request.path
  }

  get peer(): string | undefined {
    return this.#http.req?.socket?.remoteAddress
  }

  get signal(): AbortSignal | undefined {
    return this.request.signal
  }

  header(name: string): string | undefined {
    const headers = this.#http.req?.headers
    if (isOfTheWeb(headers)) return headers.get(name) ?? undefined
    const value = headers?.[name]
    return Array.isArray(value) ? value.join(', ') : value
  }

  setHeader(name: string, value: string): void {
    const { res, resHeaders } = this.#http
    if (resHeaders !== undefined) resHeaders.set(name, value)
    // What has been sent cannot be changed, and must not fail the call either.
    else if (res?.headersSent === true) return
    else if (res?.setHeader !== undefined) res.setHeader(name, value)
    else res?.header?.(name, value)
  }

  getHeader(name: string): string | undefined {
    const { res, resHeaders } = this.#http
    const value = resHeaders === undefined ? res?.getHeader?.(name) : resHeaders.get(name)
    return value === undefined || value === null ? undefined : String(value)
  }

  onEnd(listener: (end: ResponseEnd) => void): void {
    this.#listeners.push(listener)
  }

  /** Says how the call has ended, as a status of HTTP. */
  end(status: number): void {
    const aborted = this.request.signal?.aborted === true
    for (const listener of this.#listeners) listener({ status, aborted, bytes: 0 })
  }
}

function isOfTheWeb(headers: object | undefined): headers is Headers {
  return typeof (headers as Headers | undefined)?.get === 'function'
}
