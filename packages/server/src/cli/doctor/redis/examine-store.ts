import { randomBytes } from 'node:crypto'
import { parseRedisUrl, type RedisCommands, type RedisConnectionOptions, redisCommands } from 'headgate/redis'
import { isMemory } from '../../../config/stores.ts'
import { type ClockOffset, checkClock } from './clock-checks.ts'
import { compareShards } from './compare-shards.ts'
import { connectionFailure } from './connection-failure.ts'
import { aboutOf, findServers } from './find-servers.ts'
import { findingsOf } from './finding.ts'
import { checkInstances } from './instance-check.ts'
import { checkPermissions } from './permission-check.ts'
import { checkDecisionTime, checkPing } from './round-trip.ts'
import { inCluster, infoChecks } from './server-checks.ts'
import { readInfo } from './server-info.ts'
import type { ExaminedServer, ExaminedStore, Report } from './store-examination.ts'

/** Keys that are tried until one lies on a certain node of a Cluster. */
const TAGS_MAX = 300

/** Looks at a store and all its servers; resolves with the clocks of those that answer. Nothing that counts is written. */
export async function examineStore(store: ExaminedStore, report: Report): Promise<ClockOffset[]> {
  if (isMemory(store.url)) {
    report(
      findingsOf('store', store.name).ok(
        'in memory: each instance counts for itself, and forgets when it ends',
      ),
    )
    return []
  }
  const options = parseRedisUrl(store.url)
  const servers = await findServers(store, options, report)
  const looked = await Promise.all(servers.map((server) => examineServer(store, server, report)))
  if (looked.every((one) => one === null)) return []
  const shards = options.nodes === undefined ? null : await compareShards(store, servers)
  if (shards !== null) report(shards)
  // A decision would note our number in place of theirs.
  if (shards === null || shards.state === 'ok') report(await checkDecisionTime(store))
  return looked.filter((one) => one !== null)
}

/** Null where it does not answer, or is not what its URL says. */
async function examineServer(
  store: ExaminedStore,
  options: RedisConnectionOptions,
  report: Report,
): Promise<ClockOffset | null> {
  const about = aboutOf(store, options)
  const { ok, error } = findingsOf('connection', about)
  let commands: RedisCommands | undefined
  try {
    commands = await redisCommands(options)
    const { info, found } = await readInfo(commands, about)
    report(ok('it answers'), ...found)
    const isMeant = store.url.includes('+cluster:')
    if (info !== null && inCluster(info) && !isMeant) {
      const fix = 'write redis+cluster:// in place of redis://'
      report(
        findingsOf('topology', about).error(
          'it is a node of a Cluster, and answers MOVED for most keys',
          fix,
        ),
      )
      return null
    }
    const server: ExaminedServer = {
      store,
      about,
      commands,
      info,
      ownKey: await ownKeyOn(commands, store.prefix, isMeant),
    }
    return await askServer(server, report, isMeant)
  } catch (reason) {
    const { message, fix } = connectionFailure(reason)
    report(error(message, fix))
    return null
  } finally {
    commands?.close()
  }
}

/** One after another: what is measured must not wait for the rest. */
async function askServer(server: ExaminedServer, report: Report, isNode: boolean): Promise<ClockOffset> {
  const { info, store, about } = server
  if (info !== null) report(...infoChecks(info, store, about))
  report(...(await checkPermissions(server)))
  if (!isNode) report(...(await checkInstances(server)))
  const [clock, offset] = await checkClock(server)
  report(clock, await checkPing(server))
  return offset
}

/** The beginning of keys that lie there, and end by themselves. No policy has a name that begins with a tilde. */
async function ownKeyOn(commands: RedisCommands, prefix: string, isNode: boolean): Promise<string> {
  for (let i = 0; isNode && i < TAGS_MAX; i++) {
    const key = `${prefix}:{~doctor-${randomBytes(6).toString('hex')}}`
    const isHere = await commands.call('EVAL', 'return 1', '1', key).then(
      () => true,
      (reason: Error) => !reason.message.startsWith('MOVED'),
    )
    if (isHere) return key
  }
  return `${prefix}:{~doctor-${randomBytes(6).toString('hex')}}`
}
