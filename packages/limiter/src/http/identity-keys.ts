import { HeadgateError, invalid, wrong } from '../core/errors.ts'
import { sha256 } from '../core/keyed-hash.ts'
import { checkFields, isRecord } from '../core/validate.ts'
import { checkHeaderName, isToken } from './check-header-name.ts'
import type { RequestReader } from './request-reader.ts'

/** What is read of a request to find out who sent it. */
export type IdentifiedRequest = Pick<RequestReader, 'header'>

/** Keys by header fields; middleware of every framework takes it as `key`. */
export interface FieldKey {
  (request: IdentifiedRequest): string | undefined
  /** Says that it reads what all frameworks have, and not the request of one. */
  readonly readsFields: true
}

function fieldKey(read: (request: IdentifiedRequest) => string | undefined): FieldKey {
  return Object.assign(read, { readsFields: true as const })
}

/** 128 bits: nobody finds a second text with the same ones. */
const DIGEST_BYTES = 16

/**
 * Keys by a header field with one value, such as `x-tenant-id`: the key is `x-tenant-id=acme`. Undefined where the field is absent
 * or empty. Two values, or one with a comma, throw `invalid-key` (400): servers disagree about which of them counts.
 *
 * Clients write any value, so whoever is not to choose a budget has to be behind a gateway that sets the field.
 */
export function byHeader(name: string): FieldKey {
  const header = checkHeaderName(name, 'name')
  return fieldKey(function keyByHeader(request) {
    const value = oneValue(request, header)
    return value === undefined ? undefined : `${header}=${value}`
  })
}

/** Where an API key is. */
export interface ApiKeyOptions {
  /**
   * Name of the header field.
   * @default 'x-api-key'
   */
  readonly header?: string
}

/**
 * Keys by the API key of a header field: `x-api-key=` and the digest, so that neither stores nor logs have the API key itself: the
 * first 32 hexadecimal digits of its SHA-256. Undefined where it is absent; two values throw `invalid-key` (400).
 *
 * A client that makes up an API key has a budget by it: limit after the API key is verified, or by address as well.
 */
export function byApiKey(options: ApiKeyOptions = {}): FieldKey {
  checkFields(options, ['header'], 'options')
  const { header = 'x-api-key' } = options
  const name = checkHeaderName(header, 'header')
  return fieldKey(function keyByApiKey(request) {
    const value = oneValue(request, name)
    return value === undefined ? undefined : `${name}=${digest(value)}`
  })
}

/**
 * Keys by the token of `Authorization: Bearer …`: `bearer=` and its digest, as {@link byApiKey} does. Undefined where there is none
 * and with other schemes; several tokens, or `Bearer` without one, throw `invalid-key` (400).
 *
 * The token is not verified, and a user who gets a new one has a new budget: {@link bySubject} counts users.
 */
export function byBearerToken(): FieldKey {
  return fieldKey(function keyByBearerToken(request) {
    const value = request.header('authorization')
    if (value === undefined || !/^\s*bearer\b/i.test(value)) return undefined
    const [, token] = /^bearer +([^\s,]+)$/i.exec(value.trim()) ?? []
    if (token === undefined) throw refused('authorization', 'is not one token')
    return `bearer=${digest(token)}`
  })
}

/**
 * Keys by the `sub` of a token that your own code has verified: the key is `sub=alice`. `claimsOf` answers the verified claims,
 * undefined or null where there are none; a token itself, or a promise, throws `invalid-options`.
 *
 * ```
 * bySubject((request: { auth?: JWTPayload }) => request.auth)
 * ```
 */
export function bySubject<R>(
  claimsOf: (request: R) => object | null | undefined,
): (request: R) => string | undefined {
  return function keyBySubject(request) {
    const claims: unknown = claimsOf(request) ?? {}
    if (!isRecord(claims) || 'then' in claims) {
      throw invalid(
        'claimsOf',
        'what it answered are no claims; answer those that your verifier found in the token',
      )
    }
    const subject: unknown = Object.hasOwn(claims, 'sub') ? Reflect.get(claims, 'sub') : undefined
    const isText = (typeof subject === 'string' && subject !== '') || Number.isSafeInteger(subject)
    return isText ? `sub=${subject}` : undefined
  }
}

/**
 * Keys by a cookie, such as that of a session: `cookie.sid=` and the digest of its decoded value, as {@link byApiKey} does. Undefined
 * where it is absent or empty; two that differ throw `invalid-key` (400).
 *
 * A client that makes up a cookie has a budget by it: limit after the session is found, or by address as well.
 */
export function byCookie(name: string): FieldKey {
  if (!isToken(name)) throw wrong(name, 'is no name of a cookie; use one such as sid', 'name')
  return fieldKey(function keyByCookie(request) {
    const [value = '', another] = new Set(cookieValues(request.header('cookie') ?? '', name))
    if (another !== undefined) throw refused('cookie', `has several values of ${name}`)
    return value === '' ? undefined : `cookie.${name}=${digest(value)}`
  })
}

function oneValue(request: IdentifiedRequest, name: string): string | undefined {
  const value = request.header(name)?.trim()
  if (value === undefined || value === '') return undefined
  if (value.includes(',')) throw refused(name, 'has several values')
  return value
}

/** Says nothing of the value, which may be a secret. */
function refused(header: string, problem: string): HeadgateError {
  return new HeadgateError('invalid-key', `the header field ${header} ${problem}; send one`, { path: header })
}

function cookieValues(list: string, name: string): string[] {
  return list.split(';').flatMap((pair) => {
    const [, before = '', value = ''] = /^([^=]*)=(.*)$/s.exec(pair) ?? []
    return before.trim() === name ? [decodeValue(value.trim())] : []
  })
}

/** As frameworks read it, or each spelling of one session would have a budget. */
function decodeValue(text: string): string {
  const bare = /^"(.*)"$/s.exec(text)?.[1] ?? text
  try {
    return decodeURIComponent(bare)
  } catch {
    return bare
  }
}

function digest(secret: string): string {
  let digits = ''
  for (const byte of sha256(secret).subarray(0, DIGEST_BYTES)) digits += byte.toString(16).padStart(2, '0')
  return digits
}
