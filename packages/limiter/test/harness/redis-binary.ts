/** The redis-server that the tests run, and what it cannot do. */
import { spawnSync } from 'node:child_process'

const ANSWER_MS = 10_000
// Its own words for a build without TLS, by version: a directive nobody knows, or a kind of connection.
const NO_TLS = /bad directive|tls support|connection type tls/i

const SETINFO_SINCE = 702

let output: string | undefined
let tls: boolean | undefined

export function redisBinary(): string {
  return process.env['HEADGATE_REDIS_SERVER'] || 'redis-server'
}

/** Redis 6 lacks some commands, directives and codes of errors that all later servers have. */
export function isRedis6(): boolean {
  return versionLine().startsWith('Redis server v=6.')
}

/** Redis 7.2, and Valkey of every version. */
export function knowsSetInfo(): boolean {
  const [, major = '', minor = ''] = /v=(\d+)\.(\d+)/.exec(versionLine()) ?? []
  return Number(major) * 100 + Number(minor) >= SETINFO_SINCE
}

/** Whether it was built with TLS, which it tells only by not starting: here for want of a certificate. */
export function speaksTls(): boolean {
  tls ??= !NO_TLS.test(answerTo('--port', '0', '--tls-port', '1', '--tls-cert-file', '/nonexistent'))
  return tls
}

function versionLine(): string {
  output ??= answerTo('--version')
  return output
}

function answerTo(...args: readonly string[]): string {
  const { stdout, stderr } = spawnSync(redisBinary(), args, { encoding: 'utf8', timeout: ANSWER_MS })
  return `${stdout ?? ''}${stderr ?? ''}`
}
