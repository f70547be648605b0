import { type RedisConnectionOptions, redisCommands, SHARDS } from 'headgate/redis'
import { type Finding, findingsOf } from './finding.ts'
import type { ExaminedStore } from './store-examination.ts'

/** Whether processes that deal keys to another number of shards use the prefix. */
export async function compareShards(
  store: ExaminedStore,
  servers: readonly RedisConnectionOptions[],
): Promise<Finding> {
  const { ok, warning } = findingsOf('shards', store.name)
  const answers = await Promise.all(servers.map((server) => askNoted(server, store.prefix)))
  const noted = answers.find((answer) => answer !== null) ?? String(SHARDS)
  if (noted === String(SHARDS)) return ok(`keys are dealt to ${SHARDS} shards`)
  const message = `keys of ${store.prefix} were last dealt to ${noted} shards, and this version deals to ${SHARDS}`
  return warning(message, 'give all processes the same number, or each side has limits of its own')
}

/** What processes have noted on this server; null where nothing is, or it lies on another one. */
async function askNoted(server: RedisConnectionOptions, prefix: string): Promise<string | null> {
  try {
    const commands = await redisCommands(server)
    try {
      const [noted] = (await commands.call('MGET', `${prefix}:{~shards}`)) as readonly (string | null)[]
      return noted ?? null
    } finally {
      commands.close()
    }
  } catch {
    return null
  }
}
