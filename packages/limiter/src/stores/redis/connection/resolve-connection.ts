import { invalid, show } from '../../../core/errors.ts'
import { checkFields, isRecord, isWhole } from '../../../core/validate.ts'
import type { RedisConnectionOptions } from './connection-options.ts'
import { parseUrl } from './url.ts'

type Check = (value: unknown) => boolean

const isText: Check = (value) => typeof value === 'string' && value !== ''
const isNumber =
  (least: number): Check =>
  (value) =>
    isWhole(value, least) && value < 65_536
const isPort = isNumber(1)
const isList: Check = (value) => Array.isArray(value) && value.length > 0 && value.every(isPlace)

const checks: { readonly [Field in keyof RedisConnectionOptions]-?: Check } = {
  url: isText,
  host: isText,
  port: isPort,
  path: isText,
  sentinels: isList,
  name: isText,
  nodes: isList,
  username: isText,
  password: (value) => isText(value) || typeof value === 'function',
  sentinelUsername: isText,
  sentinelPassword: isText,
  db: isNumber(0),
  tls: isRecord,
  connections: isNumber(1),
}

/** Takes a URL apart and checks everything; no error shows a password. */
export function resolveConnection(given: string | RedisConnectionOptions): RedisConnectionOptions {
  if (typeof given === 'string') return ofUrl(given)
  checkFields(given, Object.keys(checks), 'redisStore')
  const { url, ...rest } = given
  const own = Object.entries(rest).filter(([, value]) => value !== undefined)
  return checked({ ...(url !== undefined && ofUrl(String(url))), ...Object.fromEntries(own) })
}

function ofUrl(url: string): RedisConnectionOptions {
  try {
    return checked(parseUrl(url))
  } catch {
    const form = 'redis://user:password@host:6379/0 or another form of docs/guide/redis-connections.md'
    const fix = `write ${form}, with @ / ? # % in a password as %40 %2F %3F %23 %25`
    throw invalid('redisStore', `${show(masked(url))} is not a Redis URL; ${fix}`)
  }
}

/** Without all that could be a password: what stands before an at sign, what is no port after a colon, the query. */
function masked(url: string): string {
  return url
    .replace(/^([^@]*?:\/\/)?.*@/s, '$1***@')
    .replace(/[?#].*$/s, '')
    .replace(/:(?!\/\/|\d{1,5}(?![^,/]))[^,/]*/g, ':***')
}

function checked(options: RedisConnectionOptions): RedisConnectionOptions {
  for (const [field, value] of Object.entries(options)) {
    if (checks[field as keyof RedisConnectionOptions](value)) continue
    const what = /pass/i.test(field) ? 'this' : show(value)
    throw invalid(`redisStore.${field}`, `${what} does not belong there; see docs/guide/redis-connections.md`)
  }
  const { host, path, sentinels, nodes, name, db } = options
  const ways = [host, path, sentinels, nodes].filter(Boolean).length
  if (ways === 1 && !sentinels === !name && !(nodes && db)) return options
  const fix = 'give a client, a URL, or one of host, path, sentinels (and name), and nodes (and no db)'
  throw invalid('redisStore', `this does not say where one Redis is; ${fix}`)
}

function isPlace(one: unknown): boolean {
  const { host, port = 1 }: { host?: unknown; port?: unknown } = isRecord(one) ? one : {}
  return isText(host) && isPort(port)
}
