import { type Clock, checkClock } from '../core/clock.ts'
import { type Duration, parseDuration } from '../core/duration.ts'
import { wrong } from '../core/errors.ts'
import { checkFields, isWhole } from '../core/validate.ts'
import { OriginHolds } from './origin-holds.ts'
import { parseRateLimit } from './parse-rate-limit.ts'

/** How far a {@link rateLimitedFetch} goes in waiting and asking again. */
export interface RateLimitedFetchOptions {
  /**
   * How long one call waits at most, all its waits together.
   * @default '30s'
   */
  readonly maxWait?: Duration
  /**
   * How often a request is sent again after a 429 or 503 that says when to come back.
   * @default 2
   */
  readonly retries?: number
  /**
   * Methods that are sent again. A body that is a stream is sent once, whatever the method.
   * @default GET, HEAD, OPTIONS, TRACE, PUT and DELETE, which do no more when they are done twice
   */
  readonly methods?: readonly string[]
  /**
   * Where time and timers come from.
   * @default those of the runtime
   */
  readonly clock?: Clock
}

type Fetch = typeof fetch
type Input = Parameters<Fetch>[0]
type Init = Parameters<Fetch>[1]

/** Idempotent, by RFC 9110, section 9.2.2. */
const IDEMPOTENT = ['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']

/**
 * A `fetch` that keeps to the limits that servers tell of (`parseRateLimit`). After a 429 or 503 with a `Retry-After`, or a
 * `RateLimit` with a time, it sends nothing more to that origin until the time is over, and then sends the request again. After an
 * answer that says that nothing is left, it holds further requests back likewise, for `maxWait` at most. After a redirect the origin
 * that answered is meant. No hold lasts longer than an hour, whatever a server asks for: then a request finds out.
 *
 * A call that would wait longer than `maxWait` does not wait: it resolves to the refusal, or, where nothing was sent, to a
 * response of its own with the same status and a `Retry-After`. It rejects only as `send` does, and where its signal aborts. Each
 * such function knows its own origins only. Invalid options throw `invalid-options`.
 */
export function rateLimitedFetch(send: Fetch, options: RateLimitedFetchOptions = {}): Fetch {
  const { clock, maxWaitMs, retries, methods } = resolveOptions(send, options)
  const holds = new OriginHolds(clock)
  return async function fetchWithinLimits(input: Input, init?: Init): Promise<Response> {
    const origin = originOf(input)
    if (origin === null) return send(input, init)
    const signal = signalOf(input, init)
    const isReplayable = methods.includes(methodOf(input, init)) && !isStream(bodyOf(input, init))
    const endsAtUs = clock.now() + maxWaitMs * 1000
    // After a redirect the request waits for whoever refused it, too.
    const origins = new Set([origin])
    for (let left = isReplayable ? retries : 0; ; left--) {
      const hold = await holds.pass(origins, endsAtUs, signal)
      if (hold !== null) return heldBack(hold.origin, hold.status, holds.secondsLeft(hold))
      const response = await send(input, init)
      const waitMs = waitOf(response, maxWaitMs)
      if (waitMs === null) return response
      const answering = answeringOrigin(response) ?? origin
      origins.add(answering)
      holds.add(answering, waitMs, isRefusal(response) ? response.status : TOO_MANY_REQUESTS)
      const isFinal = !isRefusal(response) || left === 0
      if (isFinal || holds.beyond(origins, endsAtUs) !== null) return response
      // Nobody reads it, and its connection is needed.
      response.body?.cancel().catch(() => {})
    }
  }
}

interface FetchConfig extends Required<Omit<RateLimitedFetchOptions, 'maxWait'>> {
  readonly maxWaitMs: number
}

function resolveOptions(send: Fetch, options: RateLimitedFetchOptions): FetchConfig {
  if (typeof send !== 'function') throw wrong(send, 'is not a function; pass fetch', 'send')
  checkFields(options, ['maxWait', 'retries', 'methods', 'clock'], 'options')
  const { maxWait = '30s', retries = 2, methods = IDEMPOTENT, clock = runtimeClock() } = options
  if (!isWhole(retries, 0)) throw wrong(retries, 'is not a whole number of retries', 'options.retries')
  if (!Array.isArray(methods) || methods.some((method) => typeof method !== 'string')) {
    throw wrong(methods, "is not a list of methods; pass one such as ['GET']", 'options.methods')
  }
  checkClock(clock, 'options.clock')
  const names = methods.map((method) => method.toUpperCase())
  return { clock, retries, methods: names, maxWaitMs: parseDuration(maxWait, 'options.maxWait') }
}

function runtimeClock(): Clock {
  return {
    now: () => performance.now() * 1000,
    after(ms, callback) {
      const timer = setTimeout(callback, ms)
      return () => clearTimeout(timer)
    },
  }
}

const TOO_MANY_REQUESTS = 429
const SERVICE_UNAVAILABLE = 503

function isRefusal({ status }: Response): boolean {
  return status === TOO_MANY_REQUESTS || status === SERVICE_UNAVAILABLE
}

/** For how long nothing more is to be sent; null where the response does not say so. */
function waitOf(response: Response, maxWaitMs: number): number | null {
  const { remaining, resetAfterMs, retryAfterMs } = parseRateLimit(response.headers)
  if (isRefusal(response)) return retryAfterMs ?? resetAfterMs
  if (remaining !== 0 || resetAfterMs === null) return null
  // A reset is when all is back, and a part may be sooner: after `maxWait` a request finds out.
  return Math.min(resetAfterMs, maxWaitMs)
}

function heldBack(origin: string, status: number, seconds: number): Response {
  const text = `Not sent: ${origin} has asked for ${seconds} s without requests.\n`
  return new Response(text, {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'retry-after': String(seconds) },
  })
}

function isRequest(input: Input): input is Request {
  return typeof input === 'object' && 'url' in input
}

/** Null for what is no URL: `fetch` says so better. */
function originOf(input: Input): string | null {
  const { location } = globalThis as { readonly location?: { readonly href: string } }
  return URL.parse(isRequest(input) ? input.url : String(input), location?.href)?.origin ?? null
}

/** Whose answer it is, which redirects may have changed; null where a response that somebody made does not say. */
function answeringOrigin({ url }: Response): string | null {
  return url ? originOf(url) : null
}

function methodOf(input: Input, init: Init): string {
  return (init?.method ?? (isRequest(input) ? input.method : 'GET')).toUpperCase()
}

function signalOf(input: Input, init: Init): AbortSignal | null {
  return (init?.signal === undefined && isRequest(input) ? input.signal : init?.signal) ?? null
}

function bodyOf(input: Input, init: Init): unknown {
  return init?.body ?? (isRequest(input) ? input.body : null)
}

/** What can be read once only: a `ReadableStream`, which not every browser can iterate, or chunks that come one by one. */
function isStream(body: unknown): boolean {
  return typeof body === 'object' && body !== null && ('getReader' in body || Symbol.asyncIterator in body)
}
