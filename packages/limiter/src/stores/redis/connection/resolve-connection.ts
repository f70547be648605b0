import { invalid, show } from '../../../core/errors.ts'
import { checkFields, isRecord, isWhole } from '../../../core/validate.ts'
import type { RedisConnectionOptions } from './connection-options.ts'
import { parseUrl } from './url.ts'

/** What a field may hold: a test, and the sentence for its error message. */
interface Check {
  readonly accepts: (value: unknown) => boolean
  readonly expected: string
}

const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''
const isPort = (value: unknown): boolean => isWhole(value, 1) && value < 65_536

const text: Check = { accepts: isText, expected: 'use a string that is not empty' }
const port: Check = { accepts: isPort, expected: 'use a whole number from 1 to 65535' }
const addresses: Check = {
  accepts: (value) => Array.isArray(value) && value.length > 0 && value.every(isAddress),
  expected: "use a list such as [{ host: 'redis-1', port: 6379 }]",
}

const checks: { readonly [Field in keyof RedisConnectionOptions]-?: Check } = {
  url: text,
  host: text,
  port,
  path: text,
  sentinels: addresses,
  name: text,
  nodes: addresses,
  username: text,
  password: {
    accepts: (value) => isText(value) || typeof value === 'function',
    expected: 'use a string that is not empty, or a function that returns one',
  },
  sentinelUsername: text,
  sentinelPassword: text,
  db: {
    accepts: (value) => isWhole(value, 0) && value < 65_536,
    expected: 'use a whole number from 0 to 65535',
  },
  tls: { accepts: isRecord, expected: 'use an object of options of node:tls; {} for the defaults' },
  connections: port,
}

/** Parses a URL, merges it with the other options and checks all fields; no error shows a password. */
export function resolveConnection(given: string | RedisConnectionOptions): RedisConnectionOptions {
  if (typeof given === 'string') return fromUrl(given)
  checkFields(given, Object.keys(checks), 'redisStore')
  const { url, ...rest } = given
  const own = Object.entries(rest).filter(([, value]) => value !== undefined)
  return checked({ ...(url !== undefined && fromUrl(String(url))), ...Object.fromEntries(own) })
}

function fromUrl(url: string): RedisConnectionOptions {
  try {
    return checked(parseUrl(url))
  } catch {
    const form = 'redis://user:password@host:6379/0 or another form of docs/guide/redis-connections.md'
    const fix = `write ${form}, with @ / ? # % in a password as %40 %2F %3F %23 %25`
    throw invalid('redisStore', `${show(masked(url))} is not a Redis URL; ${fix}`)
  }
}

/** Removes whatever could be a password: all before an at sign, all but a port after a colon, and the query. */
function masked(url: string): string {
  return url
    .replace(/^([^@]*?:\/\/)?.*@/s, '$1***@')
    .replace(/[?#].*$/s, '')
    .replace(/:(?!\/\/|\d{1,5}(?![^,/]))[^,/]*/g, ':***')
}

function checked(options: RedisConnectionOptions): RedisConnectionOptions {
  for (const [field, value] of Object.entries(options)) {
    const { accepts, expected } = checks[field as keyof RedisConnectionOptions]
    if (accepts(value)) continue
    const shown = /pass/i.test(field) ? 'the value' : show(value)
    throw invalid(`redisStore.${field}`, `${shown} is not valid; ${expected}`)
  }
  const { host, path, sentinels, nodes, name, db } = options
  const targets = [host, path, sentinels, nodes].filter(Boolean).length
  if (targets === 1 && !sentinels === !name && !(nodes && db)) return options
  const fix = 'give a client, a URL, or one of host, path, sentinels (with name) and nodes (without db)'
  throw invalid('redisStore', `the options do not name one Redis; ${fix}`)
}

function isAddress(one: unknown): boolean {
  const { host, port = 1 }: { host?: unknown; port?: unknown } = isRecord(one) ? one : {}
  return isText(host) && isPort(port)
}
