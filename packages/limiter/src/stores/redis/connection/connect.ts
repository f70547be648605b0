import { isClient, isCluster, type RedisClient, type RunScript, scriptRunner } from '../client.ts'
import { withEvictionCheck } from '../eviction.ts'
import type { RedisConnectionOptions } from './connection-options.ts'
import type { OwnConnection } from './own-connection.ts'
import { resolveConnection } from './resolve-connection.ts'

/** A connection to Redis, by the user's client or by clients of the store. */
export interface Connection {
  readonly run: RunScript
  /** Whether all keys of one call must be in one slot. */
  readonly cluster: boolean
  /** Closes connections that the store opened; the user's client stays open. */
  readonly close: () => Promise<void>
}

/** Adapts the user's client, or opens connections at the first call. */
export function connect(given: RedisClient | string | RedisConnectionOptions): Connection {
  if (!isClient(given)) return connectLater(resolveConnection(given))
  const run = withEvictionCheck(scriptRunner(given), () => given)
  return { run, cluster: isCluster(given), close: async () => {} }
}

/** Loads the code that opens connections at the first call, so that users who pass a client do not load it. */
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
      // Loading reads files, so it may fail for lack of file descriptors; the next call tries again.
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
