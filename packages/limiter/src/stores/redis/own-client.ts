import { createRequire } from 'node:module'
import { HeadgateError } from '../../core/errors.ts'
import { backoff, type OwnClient, PATIENCE_MS } from './link.ts'
import type { RedisConnectionOptions } from './options.ts'

/** Makes a client of the store's own, which does not connect yet. */
export type MakeClient = (password: string | undefined) => OwnClient

interface Ioredis {
  readonly Redis: new (options: object) => OwnClient
  readonly Cluster: new (nodes: object, options: object) => OwnClient
  readonly SentinelConnector: new (
    ...options: never[]
  ) => {
    connectToSentinel(address: object, more?: object): Pick<OwnClient, 'on'>
  }
}

/** How long a server has to close a connection that we are done with. */
const DISCONNECT_MS = 100

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
  disconnectTimeout: DISCONNECT_MS,
  maxLoadingRetryTime: 250,
  keepAlive: 5000,
  retryStrategy: backoff,
  reconnectOnError: ({ message }: Error) => message.startsWith('READONLY'),
  connectionName: 'headgate',
  disableClientInfo: true,
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

/** How to make `ioredis` clients for Sentinels or a Cluster as the options say; throws when it is not installed. */
export function clientMaker({ tls, nodes, ...options }: RedisConnectionOptions): MakeClient {
  const { Redis, Cluster, SentinelConnector } = ioredis()
  const { sentinels } = options
  /** `ioredis` prints the failures of its connections to Sentinels unless somebody listens, and takes 2 s to end them. */
  class Connector extends SentinelConnector {
    override connectToSentinel(address: object, more?: object): Pick<OwnClient, 'on'> {
      const client = super.connectToSentinel(address, { disconnectTimeout: DISCONNECT_MS, ...more })
      client.on('error', () => {})
      return client
    }
  }
  return (password) => {
    const redisOptions = {
      ...CLIENT_OPTIONS,
      ...options,
      password,
      ...(tls && { tls, sentinelTLS: tls }),
      ...(sentinels && { Connector }),
    }
    return nodes ? new Cluster(nodes, { ...CLUSTER_OPTIONS, redisOptions }) : new Redis(redisOptions)
  }
}

function ioredis(): Ioredis {
  try {
    return createRequire(import.meta.url)('ioredis')
  } catch (cause) {
    const message =
      'Sentinels and a Cluster need the package ioredis; run npm install ioredis, or pass a client'
    throw new HeadgateError('invalid-options', message, { cause, path: 'redisStore' })
  }
}
