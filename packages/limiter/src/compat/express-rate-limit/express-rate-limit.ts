import type { NextFunction, Request, Response } from 'express'
import { HeadgateError } from '../../core/errors.ts'
import type { Options, RateLimitInfo, RateLimitRequestHandler } from './express-rate-limit-options.ts'
import type { HitStore } from './hit-store.ts'
import { ipKeyGenerator } from './ip-key-generator.ts'
import { checkLimit, type ResolvedOptions, resolveOptions } from './resolve-options.ts'
import { undoByOutcome } from './undo-by-outcome.ts'
import { type Hit, WindowStore } from './window-store.ts'
import { secondsToReset, writeLegacyHeaders, writeStandardHeaders } from './write-limit-headers.ts'

/** A request on its way through a limiter. */
interface Passage {
  readonly request: Request
  readonly response: Response
  readonly next: NextFunction
}

/**
 * Rate limits as middleware of Express, with the options of `express-rate-limit`. Invalid options are an `invalid-options` error.
 *
 * ```ts
 * app.use(rateLimit({ windowMs: 15 * 60_000, limit: 100, standardHeaders: 'draft-8', legacyHeaders: false }))
 * ```
 */
export function rateLimit(options: Partial<Options> = {}): RateLimitRequestHandler {
  const used = resolveOptions(options)
  const { store } = used
  init(store, used)
  const middleware = async (request: Request, response: Response, next: NextFunction): Promise<void> => {
    try {
      await limit({ request, response, next }, used)
    } catch (error) {
      next(error)
    }
  }
  return Object.assign(middleware, {
    resetKey: (key: string) => store.resetKey(key),
    getKey(key: string) {
      if (store.get !== undefined) return store.get(key)
      throw new HeadgateError('invalid-options', 'the store has no get, by which a key could be looked at')
    },
  })
}

async function limit(passage: Passage, options: ResolvedOptions): Promise<void> {
  const { request, response, next } = passage
  if (await options.skip(request, response)) return next()
  const key = keyOf(await options.keyGenerator(request, response), request)
  const most = await resolved(options.limit, passage)
  const hit = await count(options, key, checkLimit(most))
  if (hit === null) return next()
  const { used, resetTime } = hit
  const info: RateLimitInfo = { limit: most, used, remaining: Math.max(most - used, 0), resetTime, key }
  // As it was called before version 7.
  Object.defineProperty(info, 'current', { value: used })
  Object.assign(request, { [options.requestPropertyName]: info })
  await writeHeaders(passage, options, info)
  undoByOutcome(passage, options, hit)
  if (used <= most) return next()
  await options.handler(request, response, next, options)
}

/** Counts a request; null where the store fails and it passes all the same. */
async function count(
  { store, passOnStoreError, logger }: ResolvedOptions,
  key: string,
  most: number,
): Promise<Hit | null> {
  try {
    return store instanceof WindowStore ? await store.hit(key, most) : await countIn(store, key)
  } catch (error) {
    if (!passOnStoreError) throw error
    logger.error(error, 'express-rate-limit: error from store, allowing request without rate-limiting.')
    return null
  }
}

/** Counts a request in a store of theirs. */
async function countIn(store: HitStore, key: string): Promise<Hit> {
  const { totalHits, resetTime: given } = await store.increment(key)
  // Stores may go on to change theirs.
  const resetTime = given && new Date(given)
  return {
    used: totalHits,
    resetTime,
    async undo() {
      // Later it would be a request of the next window.
      if (resetTime === undefined || Date.now() < resetTime.getTime()) await store.decrement(key)
    },
  }
}

async function writeHeaders(passage: Passage, options: ResolvedOptions, info: RateLimitInfo): Promise<void> {
  const { response } = passage
  const { legacyHeaders, standardHeaders, windowMs } = options
  if ((!legacyHeaders && standardHeaders === false) || response.headersSent) return
  if (legacyHeaders) writeLegacyHeaders(response, info)
  if (standardHeaders !== false) {
    const name = standardHeaders === 'draft-8' ? await resolved(options.identifier, passage) : ''
    writeStandardHeaders(response, standardHeaders, { info, windowMs, name })
  }
  if (info.used <= info.limit) return
  const own = options.retryAfter === undefined ? undefined : await resolved(options.retryAfter, passage)
  response.setHeader('Retry-After', String(own ?? secondsToReset(info, windowMs)))
}

function resolved<T extends string | number>(
  given: T | ((request: Request, response: Response) => T | Promise<T>),
  { request, response }: Passage,
): T | Promise<T> {
  return typeof given === 'function' ? given(request, response) : given
}

/** A key as text. Who has none is known by the address, as without a `keyGenerator`. */
function keyOf(key: unknown, { ip }: Request): string {
  return String(key ?? '') || String(ipKeyGenerator(ip as string))
}

function init(store: HitStore, options: ResolvedOptions): void {
  if (store instanceof WindowStore) {
    store.init(options)
    return
  }
  const log = (error: unknown): void =>
    options.logger.error(error, 'express-rate-limit: error during store initialization.')
  try {
    void Promise.resolve(store.init?.(options)).catch(log)
  } catch (error) {
    log(error)
  }
}
