import { isClient, isCluster, type RedisClient, type RunScript, scriptRunner } from '../client.ts'
import { withEvictionCheck } from '../eviction.ts'
import type { RedisConnectionOptions } from './connection-options.ts'
import type { OwnConnection } from './own-connection.ts'
import { resolveConnection } from './resolve-connection.ts'

/** A connection to Redis, whoever opened it. */
export interface Connection {
  readonly run: RunScript
  /** Whether the keys of one call must lie in one slot. */
  readonly cluster: boolean
  /** Closes what the store opened itself. */
  readonly close: () => Promise<void>
}

/** Adapts a client of the user's, or opens connections of our own with the first calls. */
export function connect(given: RedisClient | string | RedisConnectionOptions): Connection {
  if (!isClient(given)) return connectLater(resolveConnection(given))
  const run = withEvictionCheck(scriptRunner(given), () => given)
  return { run, cluster: isCluster(given), close: async () => {} }
}

/** What opens connections is loaded with the first call: whoever passes a client does without it. */
function connectLater(options: RedisConnectionOptions): Connection {
  let loading: Promise<OwnConnection> | undefined
  let own: OwnConnection | undefined
  const load = async (): Promise<OwnConnection> => {
    const { openConnection } = await import('./own-connection.ts')
    own = openConnection(options)
    return own
  }
  const opened = (): Promise<OwnConnection> => {
    loading ??= load().catch((reason: unknown) => {
      // There may have been no file descriptor left to read it with.
      loading = undefined
      throw reason
    })
    return loading
  }
  const run: RunScript = (script, keys, args) =>
    own?.run(script, keys, args) ?? opened().then((one) => one.run(script, keys, args))
  return {
    run: withEvictionCheck(run, () => own?.client),
    cluster: options.nodes !== undefined,
    close: async () => (await opened()).close(),
  }
}
