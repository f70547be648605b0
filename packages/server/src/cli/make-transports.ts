import { wrongUsage } from '../service/describe-failure.ts'
import type { Service } from '../service/service.ts'
import type { Transport } from '../service/transport.ts'
import { createHttpTransport } from '../transports/http/http-transport.ts'
import { type ListenPort, listenAddress } from '../transports/listener/listen-address.ts'
import type { ListenerOptions } from '../transports/listener/listener.ts'
import type { ServeOptions } from './serve-options.ts'

/** The transports that are to listen, at least one. */
export function makeTransports(service: Service, options: ServeOptions): Transport[] {
  const http = listenerOptions(options, options.port, '--port')
  const transports = [...(http === null ? [] : [createHttpTransport(service, http)])]
  if (transports.length === 0) throw wrongUsage('nothing would listen; give --port a port or a path')
  return transports
}

/** How a transport listens whose port was given by this flag; null where it does not. */
function listenerOptions(
  { host, maxConnections, maxConnectionsPerPeer }: ServeOptions,
  port: ListenPort,
  flag: string,
): ListenerOptions | null {
  const address = listenAddress(host, port)
  return address && { address, flag, maxConnections, maxConnectionsPerPeer }
}
