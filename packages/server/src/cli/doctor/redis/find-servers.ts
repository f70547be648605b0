import {
  type RedisAddress,
  type RedisCommands,
  type RedisConnectionOptions,
  redisCommands,
} from 'headgate/redis'
import { checkCoverage, primariesOf, readSlots } from './cluster-checks.ts'
import { connectionFailure } from './connection-failure.ts'
import { findingsOf } from './finding.ts'
import { askSentinels } from './sentinel-checks.ts'
import type { ExaminedStore, Report } from './store-examination.ts'

/** Where the servers that decide are, each with the login of the store; those that name them are looked at. */
export async function findServers(
  store: ExaminedStore,
  options: RedisConnectionOptions,
  report: Report,
): Promise<RedisConnectionOptions[]> {
  const { nodes, sentinels, name: _, sentinelUsername: __, sentinelPassword: ___, ...login } = options
  const at = (address: RedisAddress): RedisConnectionOptions => ({ ...login, ...address })
  if (sentinels !== undefined) {
    const { primary, found } = await askSentinels(store.name, options)
    report(...found)
    return primary === null ? [] : [at(primary)]
  }
  if (nodes === undefined) return [login]
  for (const node of nodes) {
    const primaries = await primariesBy(store, at(node), report)
    if (primaries !== null) return primaries.map(at)
  }
  return []
}

/** By the word of one node; null where it does not answer. */
async function primariesBy(
  store: ExaminedStore,
  node: RedisConnectionOptions,
  report: Report,
): Promise<RedisAddress[] | null> {
  const { error } = findingsOf('topology', aboutOf(store, node))
  let commands: RedisCommands | undefined
  try {
    commands = await redisCommands(node)
    const ranges = readSlots(await commands.call('CLUSTER', 'SLOTS'), node.host ?? '')
    report(checkCoverage(ranges, store.name))
    return primariesOf(ranges)
  } catch (reason) {
    const { message, fix } = connectionFailure(reason)
    const isAlone = /cluster support disabled/i.test(message)
    const alone = error('it is no node of a Cluster', 'write redis:// in place of redis+cluster://')
    report(isAlone ? alone : error(message, fix))
    return isAlone ? [] : null
  } finally {
    commands?.close()
  }
}

/** How a server is called in findings. */
export function aboutOf(
  { name }: ExaminedStore,
  { host, port = 6379, path }: RedisConnectionOptions,
): string {
  return `${name} ${path ?? `${host}:${port}`}`
}
