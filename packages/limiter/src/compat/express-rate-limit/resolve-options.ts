import type { Request } from 'express'
import { checkIpv6Prefix, IPV6_PREFIX } from '../../core/address.ts'
import { checkStore } from '../../core/check-store.ts'
import { invalid, wrong } from '../../core/errors.ts'
import { checkFields, isRecord, isWhole } from '../../core/validate.ts'
import { keyAddressCheck } from '../../http/ungrouped-ipv6-warning.ts'
import type {
  DraftHeadersVersion,
  Options,
  RateLimitInfo,
  ValueDeterminingMiddleware,
} from './express-rate-limit-options.ts'
import type { HitStore } from './hit-store.ts'
import { ipKeyGenerator } from './ip-key-generator.ts'
import { MemoryStore, WindowStore } from './window-store.ts'

/** Options that are all there, by one name each. */
export interface ResolvedOptions extends Options {
  standardHeaders: false | DraftHeadersVersion
  store: HitStore
}

const fields = [
  'windowMs',
  'limit',
  'max',
  'message',
  'statusCode',
  'handler',
  'legacyHeaders',
  'headers',
  'standardHeaders',
  'identifier',
  'retryAfter',
  'requestPropertyName',
  'keyGenerator',
  'ipv6Subnet',
  'skip',
  'skipFailedRequests',
  'skipSuccessfulRequests',
  'requestWasSuccessful',
  'store',
  'passOnStoreError',
  'validate',
  'logger',
]
const drafts: readonly unknown[] = ['draft-6', 'draft-7', 'draft-8']
const functions = ['handler', 'keyGenerator', 'skip', 'requestWasSuccessful'] as const

/** Options of earlier versions that are not taken, and what to do instead. */
const instead: Readonly<Record<string, string>> = {
  onLimitReached: 'use handler, which is called for every request that is denied',
  draft_polli_ratelimit_headers: "use standardHeaders: 'draft-6'",
}

/** Checks options and adds what they leave out; what is undefined counts as left out. A mistake is an `invalid-options` error. */
export function resolveOptions(options: Partial<Options>): ResolvedOptions {
  if (!isRecord(options)) throw wrong(options, 'is no object of options; pass { limit: 100 }', 'options')
  const given: Partial<Options> = Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  )
  checkNames(given)
  checkValues(given)
  const { standardHeaders = false, headers: legacyHeaders = true, max: limit = 5, ...named } = given
  const windowMs = given.windowMs ?? 60_000
  const requestPropertyName = given.requestPropertyName ?? 'rateLimit'
  return {
    windowMs,
    limit,
    message: 'Too many requests, please try again later.',
    statusCode: 429,
    legacyHeaders,
    identifier: (request) => nameOf(request, requestPropertyName, windowMs),
    requestPropertyName,
    ipv6Subnet: IPV6_PREFIX,
    skip: () => false,
    skipFailedRequests: false,
    skipSuccessfulRequests: false,
    requestWasSuccessful: (_request, response) => response.statusCode < 400,
    passOnStoreError: false,
    handler: sendMessage,
    logger: console,
    ...named,
    standardHeaders: standardHeaders === true ? 'draft-6' : standardHeaders,
    keyGenerator: keyGeneratorOf(given),
    store: storeOf(given.store),
  }
}

function checkNames(given: Partial<Options>): void {
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(instead, name)) throw invalid(`options.${name}`, `is not taken; ${instead[name]}`)
  }
  checkFields(given, fields, 'options')
  if (given.ipv6Subnet === undefined || given.keyGenerator === undefined) return
  const fix = 'pass it to ipKeyGenerator there: ipKeyGenerator(request.ip, 64)'
  throw invalid('options.ipv6Subnet', `is without effect beside a keyGenerator; ${fix}`)
}

function checkValues(given: Partial<Options>): void {
  const { windowMs = 1, statusCode = 429, standardHeaders = false } = given
  if (!isWhole(windowMs, 1)) {
    throw wrong(windowMs, 'is no window; pass whole milliseconds, such as 60000', 'options.windowMs')
  }
  if (!isWhole(statusCode, 200) || statusCode > 599) {
    throw wrong(statusCode, 'is no status; use 200 to 599', 'options.statusCode')
  }
  if (typeof standardHeaders !== 'boolean' && !drafts.includes(standardHeaders)) {
    throw wrong(standardHeaders, `is no draft; use ${drafts.join(', ')}, or false`, 'options.standardHeaders')
  }
  for (const name of functions) {
    const value: unknown = given[name]
    if (value === undefined || typeof value === 'function') continue
    throw wrong(value, 'is no function of the request', `options.${name}`)
  }
  for (const name of ['limit', 'max'] as const) {
    const value = given[name]
    if (value !== undefined && typeof value !== 'function') checkLimit(value, `options.${name}`)
  }
}

/** Checks a limit, which a function may have returned. */
export function checkLimit(limit: unknown, path = 'options.limit'): number {
  if (typeof limit === 'number' && limit >= 0) return limit
  throw wrong(limit, 'is no limit; pass a number of 0 or more', path)
}

/** Stores are told apart by what they can do. */
function storeOf(store: Options['store'] | undefined): HitStore {
  if (store === undefined) return new MemoryStore()
  const { increment, decrement, resetKey, incr } = (isRecord(store) ? store : {}) as Partial<
    HitStore & { incr: unknown }
  >
  if (typeof increment === 'function') {
    if (typeof decrement === 'function' && typeof resetKey === 'function') return store as HitStore
    throw invalid('options.store', 'it has increment alone; a store needs decrement and resetKey too')
  }
  if (typeof incr === 'function') {
    const fix = 'use its latest version, which has increment, or redisStore of headgate/redis'
    throw invalid('options.store', `it has the interface of before version 6; ${fix}`)
  }
  checkStore(store, 'options.store')
  return new WindowStore(store)
}

function keyGeneratorOf({ keyGenerator, ipv6Subnet }: Partial<Options>): Options['keyGenerator'] {
  if (keyGenerator === undefined) return addressKey(ipv6Subnet)
  const check = keyAddressCheck()
  return async (request, response) => {
    const key = await keyGenerator(request, response)
    check(key)
    return key
  }
}

function addressKey(ipv6Subnet: Options['ipv6Subnet'] = IPV6_PREFIX): ValueDeterminingMiddleware<string> {
  if (typeof ipv6Subnet !== 'function' && ipv6Subnet !== false)
    checkIpv6Prefix(ipv6Subnet, 'options.ipv6Subnet')
  return async (request, response) => {
    const subnet = typeof ipv6Subnet === 'function' ? await ipv6Subnet(request, response) : ipv6Subnet
    return ipKeyGenerator(request.ip as string, subnet)
  }
}

// biome-ignore lint/complexity/useMaxParams: as Express calls it, and with the options
const sendMessage: Options['handler'] = async (request, response, _next, { message, statusCode }) => {
  response.status(statusCode)
  const body: unknown = typeof message === 'function' ? await message(request, response) : message
  if (!response.writableEnded) response.send(body)
}

/** `100-in-15min`. */
function nameOf(request: Request, property: string, windowMs: number): string {
  const { limit } = (request as unknown as Record<string, RateLimitInfo>)[property] as RateLimitInfo
  return `${limit}-in-${durationText(windowMs / 1000)}`
}

function durationText(seconds: number): string {
  const [minutes, hours, days] = [seconds / 60, seconds / 3600, seconds / 86_400]
  if (seconds < 60) return `${seconds}sec`
  if (minutes < 60) return `${minutes}min`
  if (hours < 24) return `${hours}hr${hours > 1 ? 's' : ''}`
  return `${days}day${days > 1 ? 's' : ''}`
}
