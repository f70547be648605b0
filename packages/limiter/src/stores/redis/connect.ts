import { createRequire } from 'node:module'
import { isIP } from 'node:net'
import { HeadgateError } from '../../core/errors.ts'
import { isClient, isCluster, type RedisClient, type RunScript, scriptRunner } from './client.ts'
import { withEvictionCheck } from './eviction.ts'
import { backoff, Link, type OwnClient, PATIENCE_MS } from './link.ts'
import { type RedisConnectionOptions, resolveConnection } from './options.ts'

/** A way to Redis. */
export interface Connection {
  readonly run: RunScript
  /** Whether the keys of one call must lie in one slot. */
  readonly cluster: boolean
  /** Closes what the store opened itself. */
  readonly close: () => Promise<void>
}

interface Ioredis {
  readonly Redis: new (options: object) => OwnClient
  readonly Cluster: new (nodes: object, options: object) => OwnClient
}

/**
 * No queue while disconnected, nothing sent twice: the defaults of clients hang for ever on a frozen server, and
 * charge twice when a reply is lost. A connection that says nothing for a while is given up, and not asked to close.
 */
const CLIENT_OPTIONS = {
  lazyConnect: true,
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  commandTimeout: PATIENCE_MS,
  connectTimeout: PATIENCE_MS,
  socketTimeout: PATIENCE_MS,
  disconnectTimeout: 100,
  maxLoadingRetryTime: 250,
  keepAlive: 5000,
  retryStrategy: backoff,
  reconnectOnError: ({ message }: Error) => message.startsWith('READONLY'),
  connectionName: 'headgate',
  // With Sentinels: ask the next one soon, and hear of a failover from them before the old primary does.
  failoverDetector: true,
  enableTLSForSentinelMode: true,
  sentinelCommandTimeout: PATIENCE_MS / 2,
  sentinelRetryStrategy: backoff,
  sentinelReconnectStrategy: () => PATIENCE_MS + 4 * backoff(),
}

/**
 * Follows MOVED and ASK, and TRYAGAIN once; nothing else is sent again. `ioredis` would do so after a connection broke,
 * when the command may have been carried out.
 */
const CLUSTER_OPTIONS = {
  lazyConnect: true,
  enableOfflineQueue: false,
  clusterRetryStrategy: backoff,
  slotsRefreshTimeout: PATIENCE_MS / 2,
  maxRedirections: 4,
  retryDelayOnTryAgain: 5,
  retryDelayOnFailover: 0,
  retryDelayOnClusterDown: 0,
  // The name stays, which certificates are made for.
  dnsLookup: (name: string, callback: (error: null, address: string) => void) => callback(null, name),
}

/** Adapts a client of the user's, or opens `ioredis` clients of our own with the first calls. */
export function connect(given: RedisClient | string | RedisConnectionOptions): Connection {
  if (isClient(given)) {
    const run = withEvictionCheck(scriptRunner(given), () => given)
    return { run, cluster: isCluster(given), close: async () => {} }
  }
  const { connections = 1, nodes, password, ...options } = resolveConnection(given)
  const { Redis, Cluster } = ioredis()
  const links = Array.from({ length: connections }, () => {
    const make = (secret: string | undefined): OwnClient => {
      const own = clientOptions({ ...options, ...(secret && { password: secret }) })
      return nodes ? new Cluster(nodes, { ...CLUSTER_OPTIONS, redisOptions: own }) : new Redis(own)
    }
    return new Link(make, password)
  })
  return {
    run: withEvictionCheck(dealTo(links), () => links.find(({ client }) => client)?.client),
    cluster: nodes !== undefined,
    close: async () => {
      for (const link of links) link.close()
    },
  }
}

function clientOptions({ tls, host = '', ...options }: RedisConnectionOptions): object {
  return {
    ...CLIENT_OPTIONS,
    ...options,
    ...(host && { host }),
    // Node does not send the name of a host by itself, and some servers have a certificate for each.
    ...(tls && { tls: { ...(host && !isIP(host) && { servername: host }), ...tls }, sentinelTLS: tls }),
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
  for (let i = 0; i < key.length; i++) sum = (Math.imul(sum, 31) + key.charCodeAt(i)) >>> 0
  return sum
}

function ioredis(): Ioredis {
  try {
    return createRequire(import.meta.url)('ioredis')
  } catch (cause) {
    const message = 'a URL or options need the package ioredis; run npm install ioredis, or pass a client'
    throw new HeadgateError('invalid-options', message, { cause, path: 'redisStore' })
  }
}
