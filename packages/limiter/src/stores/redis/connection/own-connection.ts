import type { RunScript } from '../client.ts'
import { ClusterClient } from './cluster-client.ts'
import type { RedisConnectionOptions } from './connection-options.ts'
import { LazyClient, type OwnClient } from './lazy-client.ts'
import { PasswordSource } from './password.ts'
import { SentinelClient } from './sentinel-client.ts'
import { ServerClient } from './server-client.ts'

/** The store's own clients, used as one. */
export interface OwnConnection {
  readonly run: RunScript
  /** A client that is connected, if any. */
  readonly client: OwnClient | undefined
  close(): void
}

/** Makes clients that connect at their first call, and distributes calls among them. */
export function openConnection(options: RedisConnectionOptions): OwnConnection {
  const { nodes, sentinels, password, connections = 1 } = options
  const Own = nodes ? ClusterClient : sentinels ? SentinelClient : ServerClient
  const secret = new PasswordSource(password)
  const clients = Array.from({ length: connections }, () => new LazyClient(new Own(options, secret)))
  return {
    run: distributeTo(clients),
    get client() {
      return clients.find(({ client }) => client.status === 'ready')?.client
    },
    close() {
      for (const { client } of clients) client.disconnect()
    },
  }
}

/** Calls with the same first key use the same client, so that they keep their order. */
function distributeTo(clients: readonly LazyClient[]): RunScript {
  const [only] = clients
  if (only && clients.length === 1) return only.run
  return (script, keys, args) => {
    return (clients[hash(keys[0] ?? '') % clients.length] as LazyClient).run(script, keys, args)
  }
}

function hash(key: string): number {
  let sum = 0
  for (let i = 0; i < key.length; i++) sum = (sum * 31 + key.charCodeAt(i)) % 8191
  return sum
}
