import type { Server } from 'node:net'
import type { Server as TlsServer } from 'node:tls'
import type { RefusalReason } from '../service/events.ts'
import type { Service } from '../service/service.ts'
import { type ConnectionLimits, limitConnections, type SharedConnections } from './connection-limits.ts'
import { listen } from './listen.ts'
import { type ListenAddress, urlOf } from './listen-address.ts'
import { markUnix } from './peer-of.ts'
import type { TlsInForce } from './tls-in-force.ts'

/** How a transport listens. */
export interface ListenerOptions {
  readonly address: ListenAddress
  /** The flag by which the address was given, for messages: `--port`. */
  readonly flag: string
  /** Most connections that are open at once. */
  readonly maxConnections: number
  /** Most of them of one address, or of one network of IPv6 (/56); trusted proxies have no such limit. */
  readonly maxConnectionsPerPeer: number
  /**
   * Present where other threads of this process listen on the same port: the system gives each connection to one of them, and the
   * limits hold for all together.
   */
  readonly shared?: SharedConnections | undefined
  /** Null where connections are not encrypted. The server is to be made with its `serverOptions()`. */
  readonly tls: TlsInForce | null
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
  { address, flag, shared, maxConnections, maxConnectionsPerPeer, tls }: ListenerOptions,
  { service, transport }: ListenerOwner,
): Listener {
  const limits: ConnectionLimits = {
    total: maxConnections,
    perPeer: maxConnectionsPerPeer,
    // A proxy connects for many.
    isExempt: (peer) => service.configuration().sources.trusted.has(peer),
    shared,
  }
  const onRefused = (reason: RefusalReason): void => {
    service.tell('connection-refused', { transport, reason })
  }
  const connections = limitConnections(server, limits, onRefused)
  if (tls !== null) secure(server as TlsServer, tls, onRefused)
  return {
    listen: async (scheme) =>
      urlOf(scheme, await listen(server, address, { flag, isShared: shared !== undefined })),
    connections,
  }
}

function secure(server: TlsServer, tls: TlsInForce, onRefused: (reason: RefusalReason) => void): void {
  tls.attach(server)
  // It is another socket than the one below it, and requests know no other.
  server.prependListener('secureConnection', (socket) => {
    if (typeof server.address() === 'string') markUnix(socket)
  })
  // A server of HTTP would answer in the middle of a handshake.
  server.removeAllListeners('tlsClientError')
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
    socket.destroy()
    // Who looks whether a port is open leaves without a word.
    const hasLeft = error.code === 'ECONNRESET' && !socket.authorizationError
    if (!hasLeft) onRefused('handshake')
  })
}
