import { type Finding, findingsOf } from './finding.ts'
import type { ServerInfo } from './server-info.ts'
import type { ExaminedStore } from './store-examination.ts'

const OLDEST = '6.2'
const DAY_MS = 86_400_000
/** Redis says ten times in ten seconds that it is there. */
const LAG_MAX_S = 10

/** What a server says of itself. */
export function infoChecks(info: ServerInfo, store: ExaminedStore, about: string): Finding[] {
  return [
    checkVersion(info, about),
    checkEviction(info, about),
    ...checkPersistence(info, store, about),
    ...checkReplication(info, about),
  ]
}

/** Whether scripts run on this version. */
export function checkVersion(info: ServerInfo, about: string): Finding {
  const { ok, error } = findingsOf('server-version', about)
  const valkey = info.get('valkey_version')
  // Valkey counts on from Redis 7.2, and tells older clients that it is that.
  const version = info.get('redis_version') ?? ''
  const name = valkey === undefined ? `Redis ${version}` : `Valkey ${valkey}`
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > 6 || (major === 6 && minor >= 2)) return ok(name)
  return error(`${name} is too old`, `use Redis ${OLDEST} or newer, or Valkey`)
}

/** Whether Redis may drop what was spent. */
function checkEviction(info: ServerInfo, about: string): Finding {
  const { ok, warning, error } = findingsOf('eviction', about)
  const policy = info.get('maxmemory_policy') ?? ''
  const drops = /^(allkeys-\w+|volatile-(?!ttl)\w+)$/.test(policy)
  const fix = 'set maxmemory-policy to noeviction or volatile-ttl'
  if (Number(info.get('maxmemory') ?? 0) === 0) {
    const later = drops ? `, and then drops limits in force (${policy})` : ''
    return warning(
      `maxmemory is not set: it grows until the system ends it${later}`,
      `set maxmemory${drops ? `, and ${fix.slice('set '.length)}` : ''}`,
    )
  }
  if (drops) return error(`maxmemory-policy is ${policy}: it may drop limits that are in force`, fix)
  return ok(`maxmemory is set, and maxmemory-policy is ${policy}`)
}

/** Whether long windows outlive a restart of Redis, where there are any. */
export function checkPersistence(
  info: ServerInfo,
  { longestWindowMs }: ExaminedStore,
  about: string,
): Finding[] {
  if (longestWindowMs < DAY_MS) return []
  const { ok, warning } = findingsOf('persistence', about)
  if (info.get('aof_enabled') === '1') {
    if (info.get('aof_last_write_status') !== 'err') return [ok('it has an append-only file')]
    return [warning('its append-only file was not written at the last attempt', 'look at its disk')]
  }
  const message =
    'it has no append-only file, and rules have windows of a day or more: a restart forgets what was spent'
  return [warning(`${message}, or all since the last snapshot`, 'set appendonly yes')]
}

/** Whether replicas are there and keep up; only of a Cluster they are expected. */
export function checkReplication(info: ServerInfo, about: string): Finding[] {
  const { ok, warning, error } = findingsOf('replication', about)
  if (info.get('role') === 'slave') {
    return [error('it is a replica, which takes no writes', 'give the URL its primary, or redis+sentinel://')]
  }
  const replicas = [...info].filter(([name]) => /^slave\d+$/.test(name)).map(([, text]) => text)
  if (replicas.length === 0) {
    const fix = 'give it one, or its keys fail with it'
    return [inCluster(info) ? warning('it has no replica to take over', fix) : ok('it has no replicas')]
  }
  const late = replicas.filter((text) => {
    return !text.includes('state=online') || Number(/lag=(\d+)/.exec(text)?.[1] ?? 0) > LAG_MAX_S
  })
  if (late.length === 0) return [ok(`replicas that keep up: ${replicas.length}`)]
  const names = late.map((text) => text.replace(/,offset=.*?(?=,|$)/, '')).join('; ')
  return [
    warning(`replicas that do not keep up: ${names}`, 'a failover would forget what they lack; look at them'),
  ]
}

/** Whether it is a node of a Cluster. */
export function inCluster(info: ServerInfo): boolean {
  return info.get('cluster_enabled') === '1'
}
