import type { Config } from '../../config/config.ts'
import { fetchKeySet } from '../../service/identity/fetch-key-set.ts'
import { PROXY } from '../../service/proxy-events.ts'
import type { ApiKey } from '../../service/proxy-settings/auth-settings.ts'
import type { ProxySettings } from '../../service/proxy-settings/proxy-settings.ts'
import { isLoopback } from '../admin-address.ts'
import { connectTo } from '../connect-to.ts'
import type { ServeOptions } from '../serve-options.ts'
import { type Finding, findingsOf } from './redis/finding.ts'

/** What a proxy can be looked at by. */
type Listening = Pick<ServeOptions, 'host' | 'port'>

const CONNECT_MS = 2000
const KEYS_MS = 5000
const DAY_MS = 86_400_000
/** Before that a key is renewed in peace. */
const SOON_DAYS = 14
/** More keys than that are counted, and not named. */
const NAMED_MAX = 5

/** Whom the proxy of a configuration lets in, and whether what it needs is there; nothing where there is no proxy. */
export async function proxyChecks(serve: Listening, config: Config, nowMs = Date.now()): Promise<Finding[]> {
  const { proxy } = config
  if (proxy === undefined) return []
  return [
    checkHosts(serve, proxy),
    checkRequired(proxy),
    checkPasswords(serve, config, proxy),
    ...checkKeys(proxy, nowMs),
    ...(await Promise.all(
      [...new Set(proxy.routes.flatMap((one) => one.upstream.targets))].map(checkTarget),
    )),
    ...(await checkPublishedKeys(config)),
  ]
}

function checkHosts(serve: Listening, { hosts }: ProxySettings): Finding {
  const { ok, warning } = findingsOf('proxy-hosts')
  if (hosts !== null) return ok(`hosts that are served: ${hosts.join(', ')}`)
  if (isOfThisMachine(serve)) return ok('any host is served, on this machine alone')
  const fix = 'give proxy.hosts the names by which clients are to reach it'
  return warning(
    `any host is served on ${serve.host}: the app may build links from what a client made up`,
    fix,
  )
}

function checkRequired({ routes }: ProxySettings): Finding {
  const { ok, warning } = findingsOf('proxy-require')
  const open = routes.filter(({ require }) => require.length === 0).map(({ path }) => path)
  if (open.length === routes.length) {
    return warning(
      'nobody has to authenticate',
      'give proxy.require a way, such as apiKey, unless all of it is public',
    )
  }
  if (open.length === 0) return ok('all routes take a credential')
  return ok(`all routes take a credential but for ${open.join(', ')}`)
}

function checkPasswords(serve: Listening, { tls }: Config, { routes }: ProxySettings): Finding {
  const { ok, warning } = findingsOf('proxy-passwords')
  if (!routes.some(({ require }) => require.includes('basic'))) return ok('no route takes passwords')
  const isSecure = tls?.listeners.includes(PROXY) === true
  if (isSecure || isOfThisMachine(serve)) return ok('passwords travel by TLS, or on this machine alone')
  const fix = 'give the configuration tls, unless a proxy in front of this one speaks TLS'
  return warning(`passwords travel to ${serve.host} without TLS`, fix)
}

function checkKeys({ auth }: ProxySettings, nowMs: number): Finding[] {
  const { ok, warning, error } = findingsOf('proxy-keys')
  const keys = auth.apiKeys?.keys ?? []
  if (keys.length === 0) return []
  const until = (from: number, to: number): ApiKey[] =>
    keys.filter(({ expiresAtMs }) => expiresAtMs !== null && expiresAtMs > from && expiresAtMs <= to)
  const expired = until(Number.NEGATIVE_INFINITY, nowMs)
  const soon = until(nowMs, nowMs + SOON_DAYS * DAY_MS)
  const fix = 'make another with headgate key new --proxy, and remove this one once nobody uses it'
  return [
    ...(expired.length === 0
      ? []
      : [error(`keys have expired: ${named(expired)}`, 'remove them, or make others')]),
    ...(soon.length === 0 ? [] : [warning(`keys expire within ${SOON_DAYS} days: ${named(soon)}`, fix)]),
    ...(expired.length + soon.length === 0 ? [ok(`keys: ${keys.length}, of which none expires soon`)] : []),
  ]
}

/** Ids are no secrets. */
function named(keys: readonly ApiKey[]): string {
  const more = keys.length - NAMED_MAX
  const ids = keys.slice(0, NAMED_MAX).map(({ id }) => id)
  return `${ids.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

async function checkTarget(target: string): Promise<Finding> {
  const { ok, error } = findingsOf('proxy-target', target)
  try {
    await connectTo(target, CONNECT_MS)
    return ok('it takes connections')
  } catch (reason) {
    const why = codeOf(reason) ?? `no connection within ${CONNECT_MS / 1000} s`
    return error(`it takes no connection (${why})`, 'start it, or correct upstream')
  }
}

async function checkPublishedKeys({ identity }: Config): Promise<Finding[]> {
  const key = identity?.jwt?.key
  if (key === undefined || !('jwksUrl' in key)) return []
  const { ok, error } = findingsOf('proxy-jwks', key.jwksUrl)
  try {
    const { length } = await fetchKeySet(key.jwksUrl, KEYS_MS)
    if (length > 0) return [ok(`keys that it publishes: ${length}`)]
    return [error('it publishes no key', 'correct jwt.jwksUrl')]
  } catch (reason) {
    const why = reason instanceof Error ? reason.message : 'unknown error'
    return [error(`its keys cannot be had: ${why}`, 'correct jwt.jwksUrl, or let this machine reach it')]
  }
}

function codeOf(reason: unknown): string | null {
  return reason instanceof Error && 'code' in reason && reason.name !== 'AbortError'
    ? String(reason.code)
    : null
}

function isOfThisMachine({ host, port }: Listening): boolean {
  return typeof port !== 'number' || isLoopback(host)
}
