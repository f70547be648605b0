import type { Server } from 'node:net'
import { isTrustedPeer } from 'headgate/http'
import type { Service } from '../../service/service.ts'
import { type ConnectionLimits, limitConnections } from './connection-limits.ts'
import { listen } from './listen.ts'
import { type ListenAddress, urlOf } from './listen-address.ts'

/** How a transport listens. */
export interface ListenerOptions {
  readonly address: ListenAddress
  /** The flag by which the address was given, for messages: `--port`. */
  readonly flag: string
  /** Most connections that are open at once. */
  readonly maxConnections: number
  /** Most of them of one address, or of one network of IPv6 (/56); trusted proxies have no such limit. */
  readonly maxConnectionsPerPeer: number
}

/** A server that listens, with all that it is held to. */
export interface Listener {
  /** Begins to take connections; answers the URL. Rejects with a sentence that names the fix. */
  listen(scheme: string): Promise<string>
  /** How many connections are open. */
  connections(): number
}

/** Whose listener it is. */
export interface ListenerOwner {
  readonly service: Pick<Service, 'configuration' | 'tell'>
  /** The name of the transport. */
  readonly transport: string
}

/** Makes a server of a transport one that listens as it was told to; connections that are not taken are events of the service. */
export function createListener(
  server: Server,
  { address, flag, maxConnections, maxConnectionsPerPeer }: ListenerOptions,
  { service, transport }: ListenerOwner,
): Listener {
  const limits: ConnectionLimits = {
    total: maxConnections,
    perPeer: maxConnectionsPerPeer,
    // A proxy connects for many.
    isExempt: (peer) => isTrustedPeer(peer, service.configuration().sources.trusted),
  }
  const connections = limitConnections(server, limits, (reason) => {
    service.tell('connection-refused', { transport, reason })
  })
  return {
    listen: async (scheme) => urlOf(scheme, await listen(server, address, { flag })),
    connections,
  }
}
