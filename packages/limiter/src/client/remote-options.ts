import { invalid, wrong } from '../core/errors.ts'
import type { Limiter } from '../core/limiter.ts'
import { environmentVariable } from '../core/runtime.ts'
import { checkFields, isWhole } from '../core/validate.ts'

/** Options of `createRemoteLimiter`. */
export interface RemoteLimiterOptions {
  /**
   * Where the service answers, such as `http://127.0.0.1:8080`; a path stands before those of its API.
   * @default the variable HEADGATE_URL of the environment
   */
  readonly url?: string
  /**
   * Sent as `Authorization: Bearer …`, for what stands in front of the service.
   * @default the variable HEADGATE_TOKEN of the environment, else none is sent
   */
  readonly token?: string
  /**
   * What decides while the service does not: `open` lets everything pass, `closed` denies everything, a limiter of your own,
   * on memory for example, decides as it is configured.
   * @default 'open', with one warning of the process
   */
  readonly onError?: 'open' | 'closed' | Limiter
  /**
   * Longest wait for an answer, in milliseconds; a call may give a shorter or longer one. Then `onError` decides.
   * @default 1000
   */
  readonly deadlineMs?: number
  /**
   * Most connections at a time. Calls beyond it wait, and their deadline runs. Calls of `wait` do not count: each holds a connection
   * of its own until its turn. In Node only: elsewhere the runtime decides.
   * @default 64
   */
  readonly maxConnections?: number
}

/** What holds for a service, however it is asked. */
export interface ServiceConfig {
  /** Where it is, for people. */
  readonly address: string
  readonly token: string | null
  readonly onError: 'open' | 'closed' | Limiter
  readonly deadlineMs: number
}

/** The options, checked. */
export interface RemoteConfig extends ServiceConfig {
  /** Without a slash at the end. */
  readonly url: URL
  readonly maxConnections: number
}

const NAME = 'createRemoteLimiter'
const FIELDS = ['url', 'token', 'onError', 'deadlineMs', 'maxConnections']

/** Options of a remote limiter that are the same however the service is asked. */
export type CommonOptions = Pick<RemoteLimiterOptions, 'token' | 'onError' | 'deadlineMs'>

/** Checks the options, and fills in what the environment says. */
export function resolveRemoteOptions(options: RemoteLimiterOptions): RemoteConfig {
  checkFields(options, FIELDS, NAME)
  const { url = environmentVariable('HEADGATE_URL') } = options
  const { maxConnections = 64 } = options
  const common = resolveCommon(options, NAME)
  if (!isWhole(maxConnections, 1)) {
    throw wrong(maxConnections, 'is not a whole number of 1 or more', `${NAME}.maxConnections`)
  }
  const read = readUrl(url)
  return { ...common, url: read, address: read.href, maxConnections }
}

/** Checks what is the same however the service is asked; `name` is the function whose options these are. */
export function resolveCommon(options: CommonOptions, name: string): Omit<ServiceConfig, 'address'> {
  const { token = environmentVariable('HEADGATE_TOKEN') || undefined } = options
  const { onError = 'open', deadlineMs = 1000 } = options
  if (!isStandIn(onError)) {
    throw wrong(onError, 'is not valid; use open, closed or a limiter', `${name}.onError`)
  }
  checkDeadline(deadlineMs, `${name}.deadlineMs`)
  return { token: readToken(token, `${name}.token`), onError, deadlineMs }
}

/** Checks a deadline in milliseconds. */
export function checkDeadline(deadlineMs: unknown, path: string): void {
  if (typeof deadlineMs === 'number' && deadlineMs > 0 && deadlineMs < 2 ** 31) return
  throw wrong(deadlineMs, 'is not a number of milliseconds above 0', path)
}

function isStandIn(value: unknown): value is RemoteConfig['onError'] {
  if (value === 'open' || value === 'closed') return true
  return typeof value === 'object' && value !== null && 'consume' in value && 'refund' in value
}

function readUrl(text: unknown): URL {
  const path = `${NAME}.url`
  if (text === undefined || text === '') {
    throw invalid(path, 'a remote limiter needs the URL of the service; give url, or set HEADGATE_URL')
  }
  const url = typeof text === 'string' ? parse(text) : null
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw invalid(path, 'this is not a URL of a service; write http://127.0.0.1:8080')
  }
  // Not repeated, since it may be a secret.
  if (url.username !== '' || url.password !== '')
    throw invalid(path, 'a URL with a user or a password is not read; give token')
  if (url.search !== '' || url.hash !== '')
    throw invalid(path, 'a URL of a service ends with its path; leave out ? and #')
  url.pathname = url.pathname.replace(/\/+$/, '')
  return url
}

function parse(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null
}

function readToken(token: unknown, path: string): string | null {
  if (token === undefined) return null
  // As RFC 6750 spells it; anything else could end the header field.
  if (typeof token === 'string' && /^[\w.~+/-]+=*$/.test(token)) return token
  throw invalid(path, 'this is not a token; use letters, digits and - . _ ~ + / =')
}
