import { wrongKey } from '../core/errors.ts'
import type { Attributes, Who } from '../core/key.ts'
import { isRecord } from '../core/validate.ts'
import { keyAddressCheck } from '../http/ungrouped-ipv6-warning.ts'
import type { Exchange } from './exchange.ts'
import { andThen, isPromiseLike, type MaybePromise } from './maybe-promise.ts'
import type { Key, RequestPart } from './rate-limit-options.ts'

/** Who a request is about; null where nobody knows. */
export type ReadWho<R> = (exchange: Exchange<R>) => MaybePromise<Who | null>

/** The client address of a request; null where nobody knows it. */
export type ReadAddress = (exchange: Exchange<unknown>) => string | null

type KeyFunction<R> = (request: R) => MaybePromise<Key>

/** How requests are read. */
export interface WhoOptions<R> extends Pick<RequestPart<R>, 'key' | 'attributes'> {
  /** Whether the limiter looks at more attributes than the key. */
  readonly needsAttributes: boolean
}

/** The key of the policy that stands for the options: names of attributes, or `key` for what {@link compileWho} reads as a text. */
export function policyKeyOf<R>(options: WhoOptions<R>): string | readonly string[] {
  const { key = 'ip' } = options
  return typeof key === 'function' || isAddressAlone(options) ? 'key' : key
}

/** Whether the address as a plain text is all that the limiter needs: the fast way, and the most common one. */
function isAddressAlone<R>({ key = 'ip', needsAttributes, attributes }: WhoOptions<R>): boolean {
  return key === 'ip' && !needsAttributes && attributes === undefined
}

/** Compiles `key` and `attributes` into a function of the request. */
export function compileWho<R>(options: WhoOptions<R>, addressOf: ReadAddress): ReadWho<R> {
  const { attributes, needsAttributes } = options
  const key = typeof options.key === 'function' ? withKeyCheck(options.key) : options.key
  if (typeof key === 'function') {
    if (needsAttributes || attributes !== undefined) return attributesWith({ ...options, key }, addressOf)
    return (exchange) =>
      andThen(key(exchange.request), (value) => textOf(value) ?? byAddress(addressOf(exchange)))
  }
  if (isAddressAlone(options)) return addressOf
  return attributesWith(options, addressOf)
}

/** A key function whose results are looked at. */
function withKeyCheck<R>(key: KeyFunction<R>): KeyFunction<R> {
  const check = keyAddressCheck()
  return (request) =>
    andThen(key(request), (value) => {
      check(value)
      return value
    })
}

function attributesWith<R>({ key, attributes }: WhoOptions<R>, addressOf: ReadAddress): ReadWho<R> {
  return (exchange) => {
    const own = ownAttributes(exchange, addressOf(exchange))
    const more = attributes?.(exchange.request)
    const value = typeof key === 'function' ? key(exchange.request) : undefined
    if (!isPromiseLike(more) && !isPromiseLike(value)) return merge(own, more, value)
    return Promise.all([more, value]).then(([more, value]) => merge(own, more, value))
  }
}

function merge(own: Attributes, more: Attributes | undefined, key: Key): Attributes {
  if (more !== undefined && !isRecord(more)) {
    throw wrongKey(more, 'is not attributes; return an object such as { user: "7" }', 'options.attributes')
  }
  const text = textOf(key)
  return { ...own, ...more, ...(text !== null && { key: text }) }
}

function ownAttributes(exchange: Exchange<unknown>, address: string | null): Attributes {
  const { method, target, route } = exchange
  const host = exchange.header('host')
  return {
    method,
    path: target,
    // What is not routed shares one budget: a path of the client's choice must not make one.
    route: route ?? '*',
    ...(host !== undefined && { host }),
    ...(address !== null && { ip: address }),
  }
}

function byAddress(address: string | null): Attributes | null {
  return address === null ? null : { ip: address }
}

/** What a key function returned, as text; null where the request has no key. */
function textOf(key: Key): string | null {
  if (key === undefined || key === null || key === '') return null
  if (typeof key === 'string') return key
  if (Number.isSafeInteger(key)) return String(key)
  throw wrongKey(key, 'is not a key; return a text or a whole number', 'options.key')
}
