import {
  type RedisAddress,
  type RedisCommands,
  type RedisConnectionOptions,
  redisCommands,
} from 'headgate/redis'
import { connectionFailure } from './connection-failure.ts'
import { type Finding, findingsOf } from './finding.ts'

const DEFAULT_PORT = 26_379

/** What one Sentinel thinks. */
interface View {
  readonly about: string
  /** `host:port`; null where it does not answer, or knows no such primary. */
  readonly primary: string | null
  readonly found: readonly Finding[]
}

/** Asks all Sentinels for the primary; where they do not agree, the first answer counts, as for a store. */
export async function askSentinels(
  name: string,
  options: RedisConnectionOptions,
): Promise<{ readonly primary: RedisAddress | null; readonly found: readonly Finding[] }> {
  const { sentinels = [], name: primaryName = '' } = options
  const views = await Promise.all(sentinels.map((address) => viewOf(name, address, options)))
  const found = views.flatMap((view) => view.found)
  const named = [...new Set(views.flatMap(({ primary }) => primary ?? []))]
  const [primary] = named
  const { ok, error } = findingsOf('sentinels', name)
  if (primary === undefined) {
    return {
      primary: null,
      found: [...found, error(`no Sentinel knows the primary ${primaryName}`, 'correct its name in the URL')],
    }
  }
  const knowing = views.filter((view) => view.primary !== null).length
  const agreed =
    named.length === 1
      ? ok(`${knowing} of ${views.length} Sentinels name ${primary} as the primary`)
      : error(
          `Sentinels name different primaries: ${named.join(', ')}`,
          'a failover is under way, or they are split',
        )
  const colon = primary.lastIndexOf(':')
  return {
    primary: { host: primary.slice(0, colon), port: Number(primary.slice(colon + 1)) },
    found: [...found, agreed],
  }
}

async function viewOf(name: string, address: RedisAddress, options: RedisConnectionOptions): Promise<View> {
  const { sentinelUsername: username, sentinelPassword: password, tls, name: primaryName = '' } = options
  const { host, port = DEFAULT_PORT } = address
  const about = `${name} ${host}:${port}`
  const { warning } = findingsOf('sentinel', about)
  let commands: RedisCommands | undefined
  try {
    const login = { ...(username && { username }), ...(password && { password }), ...(tls && { tls }) }
    commands = await redisCommands({ host, port, ...login })
    const answer = await commands.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', primaryName)
    if (Array.isArray(answer)) return { about, primary: answer.join(':'), found: [] }
    return {
      about,
      primary: null,
      found: [warning(`it knows no primary ${primaryName}`, 'correct the name in the URL')],
    }
  } catch (reason) {
    const { message, fix } = connectionFailure(reason)
    return { about, primary: null, found: [warning(message, fix)] }
  } finally {
    commands?.close()
  }
}
