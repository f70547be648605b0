import { HeadgateError, show, wrongKey } from '../core/errors.ts'
import type { Attributes, Who } from '../core/key.ts'
import { normalizePath } from '../core/path.ts'
import { isRecord } from '../core/validate.ts'
import { hostName } from '../http/host-name.ts'
import type { FieldKey } from '../http/identity-keys.ts'
import { keyAddressCheck } from '../http/ungrouped-ipv6-warning.ts'
import type { Addresses } from './client-addresses.ts'
import type { Exchange } from './exchange.ts'
import { Refusal, UNKNOWN_CLIENT } from './judgement.ts'
import { andThen, heard, isPromiseLike, type MaybePromise } from './maybe-promise.ts'
import type { Key, RequestPart } from './rate-limit-options.ts'

/** Who a request is about, or why nobody knows. */
export type ReadWho<R> = (exchange: Exchange<R>) => MaybePromise<Who | Refusal>

/** How requests are read. */
export interface WhoOptions<R> extends Pick<RequestPart<R>, 'key' | 'attributes'> {
  /** Whether the limiter looks at more attributes than the key. */
  readonly needsAttributes: boolean
  /** Whether `/LOGIN` is the path `/login`. */
  readonly ignoresCase: boolean
}

/** The key of the policy that stands for the options: names of attributes, or `key` for what {@link compileWho} reads as a text. */
export function policyKeyOf<R>(options: WhoOptions<R>): string | readonly string[] {
  const { key = 'ip' } = options
  return !isNameOrNames(key) || isAddressAlone(options) ? 'key' : key
}

function isNameOrNames<R>(key: RequestPart<R>['key']): key is string | readonly string[] {
  return typeof key === 'string' || Array.isArray(key)
}

/** Whether the address as a plain text is all that the limiter needs: the fast way, and the most common one. */
export function isAddressAlone<R>({ key = 'ip', needsAttributes, attributes }: WhoOptions<R>): boolean {
  return key === 'ip' && !needsAttributes && attributes === undefined
}

/** Compiles `key` and `attributes` into a function of the request. */
export function compileWho<R>(
  options: WhoOptions<R>,
  addresses: Addresses,
  policies: { readonly isChanged: boolean },
): ReadWho<R> {
  const key = keyFunction(options.key)
  if (options.needsAttributes || options.attributes !== undefined || isNames(options.key)) {
    return attributesWith(options, key, addresses)
  }
  const short = compileKey(key, addresses)
  // The plain key is then one attribute of several.
  const whole = attributesWith(options, key ?? addresses.keyOf, addresses)
  return (exchange) => (policies.isChanged ? whole(exchange) : short(exchange))
}

/** Reads the key alone, which is all that the limiter looks at. */
function compileKey<R>(key: ReadKey<R> | null, addresses: Addresses): ReadWho<R> {
  if (key === null) return (exchange) => addresses.keyOf(exchange) ?? UNKNOWN_CLIENT
  return (exchange) =>
    andThen(key(exchange), (value) =>
      value instanceof Refusal ? value : (textOf(value) ?? byAddress(addresses.of(exchange))),
    )
}

/** Whether a key is made of attributes; the address alone needs none. */
function isNames<R>(key: RequestPart<R>['key'] = 'ip'): boolean {
  return typeof key !== 'function' && key !== 'ip'
}

type ReadKey<R> = (exchange: Exchange<R>) => MaybePromise<Key | Refusal>

/** A key function as a function of the exchange, whose results are looked at; null where `key` names attributes. */
function keyFunction<R>(key: RequestPart<R>['key']): ReadKey<R> | null {
  if (isFieldKey(key)) return (exchange) => readFields(key, exchange)
  if (typeof key !== 'function') return null
  const check = keyAddressCheck()
  return ({ request }) =>
    andThen(key(request), (value) => {
      check(value)
      return value
    })
}

/** Whether a key is one of `headgate/http`, which reads what all frameworks have. */
export function isFieldKey(key: unknown): key is FieldKey {
  return typeof key === 'function' && 'readsFields' in key
}

/** Reads it. What a client sent twice is its own mistake. */
export function readFields(key: FieldKey, exchange: Exchange<unknown>): string | undefined | Refusal {
  try {
    return key(exchange)
  } catch (reason) {
    if (HeadgateError.is(reason) && reason.code === 'invalid-key') return new Refusal(reason.message)
    throw reason
  }
}

function attributesWith<R>(
  { attributes, ignoresCase }: WhoOptions<R>,
  key: ReadKey<R> | null,
  addresses: Addresses,
): ReadWho<R> {
  return (exchange) => {
    const own = { ...ownAttributes(exchange, addresses.of(exchange)), path: pathOf(exchange, ignoresCase) }
    const more = heard(attributes?.(exchange.request))
    const value = key?.(exchange)
    if (!isPromiseLike(more) && !isPromiseLike(value)) return merge(own, more, value)
    return Promise.all([more, value]).then(([more, value]) => merge(own, more, value))
  }
}

function merge(own: Attributes, more: Attributes | undefined, key: Key | Refusal): Attributes | Refusal {
  if (key instanceof Refusal) return key
  if (more !== undefined && !isRecord(more)) {
    throw wrongKey(more, 'is not attributes; return an object such as { user: "7" }', 'options.attributes')
  }
  const text = textOf(key)
  if (text instanceof Refusal) return text
  return { ...own, ...more, ...(text !== null && { key: text }) }
}

function ownAttributes(exchange: Exchange<unknown>, address: string | null): Attributes {
  const { method, route } = exchange
  const host = hostName(exchange.header('host') ?? '')
  return {
    method,
    // What is not routed shares one budget: a path of the client's choice must not make one.
    route: route ?? '*',
    ...(host !== undefined && { host }),
    ...(address !== null && { ip: address }),
  }
}

/** Normalised before it is folded: an encoded letter is a letter. */
function pathOf({ target }: Exchange<unknown>, ignoresCase: boolean): string {
  return ignoresCase ? normalizePath(target).toLowerCase() : target
}

function byAddress(address: string | null): Attributes | Refusal {
  return address === null ? UNKNOWN_CLIENT : { ip: address }
}

/**
 * What a key function returned, as text; null where the request has no key. Something else is often what a client has sent, such
 * as the list of a query with the parameter twice.
 */
function textOf(key: Key): string | Refusal | null {
  if (key === undefined || key === null || key === '') return null
  if (typeof key === 'string') return key
  if (Number.isSafeInteger(key)) return String(key)
  return new Refusal(`The key of the request is ${show(key)}, and not a text or a whole number`)
}
