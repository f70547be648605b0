/** Two scripts that follow the contract of PlugLimit, with the names of their header values. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const HEADERS = ['x-ratelimit-limit', 'x-ratelimit-reset', 'x-ratelimit-remaining']

/** What a server is to permit: everything, since users name their keys and commands themselves. */
export const SCRIPTS_OF_USERS = { permissions: 'all' } as const

/** ARGV: limit, seconds and, in tests, now in milliseconds. */
export const fixedWindow = { script: read('fixed-window'), headers: HEADERS }

/** ARGV: limit, seconds, burst and, in tests, now in milliseconds. */
export const tokenBucket = { script: read('token-bucket'), headers: [...HEADERS, 'retry-after'] }

function read(name: string): string {
  return readFileSync(join(import.meta.dirname, `lua/${name}.lua`), 'utf8')
}
