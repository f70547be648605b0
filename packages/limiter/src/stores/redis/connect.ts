import { isClient, isCluster, type RedisClient, type RunScript, scriptRunner } from './client.ts'
import { withEvictionCheck } from './eviction.ts'
import { Link, type OwnClient } from './link.ts'
import { type RedisConnectionOptions, resolveConnection } from './options.ts'
import { ClusterWire } from './wire/cluster.ts'
import { SentinelWire } from './wire/sentinel-wire.ts'
import { Wire } from './wire/wire.ts'

/** A way to Redis. */
export interface Connection {
  readonly run: RunScript
  /** Whether the keys of one call must lie in one slot. */
  readonly cluster: boolean
  /** Closes what the store opened itself. */
  readonly close: () => Promise<void>
}

/** Adapts a client of the user's, or opens connections of our own with the first calls. */
export function connect(given: RedisClient | string | RedisConnectionOptions): Connection {
  if (isClient(given)) {
    const run = withEvictionCheck(scriptRunner(given), () => given)
    return { run, cluster: isCluster(given), close: async () => {} }
  }
  const options = resolveConnection(given)
  const Own = options.nodes ? ClusterWire : options.sentinels ? SentinelWire : Wire
  const make = (password: string | undefined): OwnClient => new Own(options, password)
  const links = Array.from({ length: options.connections ?? 1 }, () => new Link(make, options.password))
  return {
    run: withEvictionCheck(dealTo(links), () => links.find(({ client }) => client)?.client),
    cluster: options.nodes !== undefined,
    close: async () => {
      for (const link of links) link.close()
    },
  }
}

/** Calls that begin with the same key take the same link, so that they keep their order. */
function dealTo(links: readonly Link[]): RunScript {
  return (script, keys, args) => {
    const link = links[links.length === 1 ? 0 : hash(keys[0] ?? '') % links.length] as Link
    return link.run(script, keys, args)
  }
}

function hash(key: string): number {
  let sum = 0
  for (let i = 0; i < key.length; i++) sum = (sum * 31 + key.charCodeAt(i)) % 8191
  return sum
}
