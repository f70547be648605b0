import type { Configuration } from '../service/configuration.ts'
import { wrongUsage } from '../service/describe-failure.ts'
import type { Service } from '../service/service.ts'
import type { Transport } from '../service/transport.ts'
import type { AdminParts } from '../transports/admin/admin-parts.ts'
import { createAdminTransport } from '../transports/admin/admin-transport.ts'
import { ADMIN } from '../transports/admin/transport-name.ts'
import { createGrpcTransport } from '../transports/grpc/grpc-transport.ts'
import { GRPC } from '../transports/grpc/transport-name.ts'
import { createHttpTransport } from '../transports/http/http-transport.ts'
import { HTTP } from '../transports/http/transport-name.ts'
import { isSocketAddress, type ListenAddress, listenAddress } from '../transports/listener/listen-address.ts'
import type { ListenerOptions } from '../transports/listener/listener.ts'
import type { TlsInForce } from '../transports/listener/tls-in-force.ts'
import { createRespTransport } from '../transports/resp/resp-transport.ts'
import { RESP } from '../transports/resp/transport-name.ts'
import { adminAddress } from './admin-address.ts'
import type { ServeOptions } from './serve-options.ts'
import type { Certificate } from './use-certificate.ts'

/** What transports are made of. */
export interface TransportParts {
  readonly service: Service
  readonly configuration: Configuration
  readonly admin: AdminParts
  /** Null without TLS. */
  readonly certificate: Certificate | null
}

/** The transports that are to listen: at least one beside that of operators. */
export function makeTransports(
  { service, configuration, admin: parts, certificate }: TransportParts,
  options: ServeOptions,
): Transport[] {
  const {
    maxConnections,
    maxConnectionsPerPeer,
    host,
    port,
    grpcPort,
    grpcServices,
    grpcReflection,
    respPort,
  } = options
  const listenerOf = (name: string, address: ListenAddress | null, flag: string): ListenerOptions | null => {
    if (address === null) return null
    return { address, flag, maxConnections, maxConnectionsPerPeer, tls: tlsOf(name, address, certificate) }
  }
  const http = listenerOf(HTTP, listenAddress(host, port), '--port')
  const grpc = listenerOf(GRPC, listenAddress(host, grpcPort), '--grpc-port')
  const resp = listenerOf(RESP, listenAddress(host, respPort), '--resp-port')
  const admin = listenerOf(ADMIN, adminAddress(options, configuration), '--admin-port')
  const services = { extras: grpcServices, hasReflection: grpcReflection }
  const wires = [
    ...(http === null ? [] : [createHttpTransport(service, http)]),
    ...(grpc === null ? [] : [createGrpcTransport(service, grpc, services)]),
    ...(resp === null ? [] : [createRespTransport(service, resp)]),
  ]
  if (wires.length === 0)
    throw wrongUsage('nothing would listen; give --port, --grpc-port or --resp-port a port or a path')
  return [...wires, ...(admin === null ? [] : [createAdminTransport(service, { ...admin, parts })])]
}

/** The TLS of a listener. On a Unix socket nobody can listen in, and the mode of its file says who may connect. */
function tlsOf(name: string, address: ListenAddress, certificate: Certificate | null): TlsInForce | null {
  if (certificate === null || isSocketAddress(address)) return null
  return certificate.listeners.includes(name) ? certificate.tls : null
}
