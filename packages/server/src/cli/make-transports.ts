import type { Configuration } from '../service/configuration.ts'
import { wrongUsage } from '../service/describe-failure.ts'
import type { Service } from '../service/service.ts'
import type { Transport } from '../service/transport.ts'
import type { AdminParts } from '../transports/admin/admin-parts.ts'
import { createAdminTransport } from '../transports/admin/admin-transport.ts'
import { createHttpTransport } from '../transports/http/http-transport.ts'
import { type ListenAddress, listenAddress } from '../transports/listener/listen-address.ts'
import type { ListenerOptions } from '../transports/listener/listener.ts'
import { adminAddress } from './admin-address.ts'
import type { ServeOptions } from './serve-options.ts'

/** What transports are made of. */
export interface TransportParts {
  readonly service: Service
  readonly configuration: Configuration
  readonly admin: AdminParts
}

/** The transports that are to listen: at least one beside that of operators. */
export function makeTransports(
  { service, configuration, admin: parts }: TransportParts,
  options: ServeOptions,
): Transport[] {
  const http = listenerOptions(options, listenAddress(options.host, options.port), '--port')
  if (http === null) throw wrongUsage('nothing would listen; give --port a port or a path')
  const admin = listenerOptions(options, adminAddress(options, configuration), '--admin-port')
  return [
    createHttpTransport(service, http),
    ...(admin === null ? [] : [createAdminTransport(service, { ...admin, parts })]),
  ]
}

/** How a transport listens whose port was given by this flag; null where it does not. */
function listenerOptions(
  { maxConnections, maxConnectionsPerPeer }: ServeOptions,
  address: ListenAddress | null,
  flag: string,
): ListenerOptions | null {
  return address && { address, flag, maxConnections, maxConnectionsPerPeer }
}
