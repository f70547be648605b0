import type { RunScript } from '../client.ts'
import { ClusterClient } from './cluster-client.ts'
import type { RedisConnectionOptions } from './connection-options.ts'
import { Link, type OwnClient } from './link.ts'
import { PasswordSource } from './password.ts'
import { SentinelClient } from './sentinel-client.ts'
import { ServerClient } from './server-client.ts'

/** Clients of our own, as one. */
export interface OwnConnection {
  readonly run: RunScript
  /** One of them that is connected, if there is any. */
  readonly client: OwnClient | undefined
  close(): void
}

/** Deals calls to clients that connect with the first of them. */
export function openConnection(options: RedisConnectionOptions): OwnConnection {
  const { nodes, sentinels, password, connections = 1 } = options
  const Own = nodes ? ClusterClient : sentinels ? SentinelClient : ServerClient
  const secret = new PasswordSource(password)
  const links = Array.from({ length: connections }, () => new Link(new Own(options, secret)))
  return {
    run: dealTo(links),
    get client() {
      return links.find(({ client }) => client.status === 'ready')?.client
    },
    close() {
      for (const { client } of links) client.disconnect()
    },
  }
}

/** Calls that begin with the same key take the same link, so that they keep their order. */
function dealTo(links: readonly Link[]): RunScript {
  const [only] = links
  if (only && links.length === 1) return only.run
  return (script, keys, args) => (links[hash(keys[0] ?? '') % links.length] as Link).run(script, keys, args)
}

function hash(key: string): number {
  let sum = 0
  for (let i = 0; i < key.length; i++) sum = (sum * 31 + key.charCodeAt(i)) % 8191
  return sum
}
