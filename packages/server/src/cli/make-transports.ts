import type { SharedConnections } from '../listener/connection-limits.ts'
import { isSocketAddress, type ListenAddress, listenAddress } from '../listener/listen-address.ts'
import type { ListenerOptions } from '../listener/listener.ts'
import type { TlsInForce } from '../listener/tls-in-force.ts'
import { createProxyTransport } from '../proxy/proxy-transport.ts'
import type { Configuration } from '../service/configuration.ts'
import { wrongUsage } from '../service/describe-failure.ts'
import { PROXY } from '../service/proxy-events.ts'
import type { Service } from '../service/service.ts'
import type { Transport } from '../service/transport.ts'
import type { AdminParts } from '../transports/admin/admin-parts.ts'
import { createAdminTransport } from '../transports/admin/admin-transport.ts'
import { ADMIN } from '../transports/admin/transport-name.ts'
import { createGrpcTransport } from '../transports/grpc/grpc-transport.ts'
import { GRPC } from '../transports/grpc/transport-name.ts'
import { createHttpTransport } from '../transports/http/http-transport.ts'
import { HTTP } from '../transports/http/transport-name.ts'
import { createRespTransport } from '../transports/resp/resp-transport.ts'
import { RESP } from '../transports/resp/transport-name.ts'
import { adminAddress } from './admin-address.ts'
import type { ServeOptions } from './serve-options.ts'
import type { Certificate } from './use-certificate.ts'

/** The certificate that is shown, and the names of the transports that show it. */
type ShownCertificate = Pick<Certificate, 'tls' | 'listeners'>

/** What wires are made of. */
export interface WireParts {
  readonly service: Service
  /** Null without TLS. */
  readonly certificate: ShownCertificate | null
  /** Absent where one thread does everything. */
  readonly thread?: WireThread
}

/** Which of several threads listens. */
export interface WireThread {
  /** From 1. */
  readonly worker: number
  /** Ports that others took, by the name of the wire. */
  readonly ports: Readonly<Record<string, number>>
  /** What the threads count together, by the name of the wire. */
  readonly connections: ReadonlyMap<string, SharedConnections>
}

/** Flags of the wires by which clients come. */
export const FLAGS: Readonly<Record<string, string>> = {
  [HTTP]: '--port',
  [GRPC]: '--grpc-port',
  [RESP]: '--resp-port',
  [PROXY]: '--port',
}

/** Where clients are to come, by the name of the wire. */
export function wireAddresses({
  host,
  port,
  grpcPort,
  respPort,
  proxy,
}: Pick<ServeOptions, 'host' | 'port' | 'grpcPort' | 'respPort' | 'proxy'>): ReadonlyMap<
  string,
  ListenAddress
> {
  const given = [
    [proxy === undefined ? HTTP : PROXY, listenAddress(host, port)],
    [GRPC, listenAddress(host, grpcPort)],
    [RESP, listenAddress(host, respPort)],
  ] as const
  const addresses = new Map(given.flatMap(([name, address]) => (address === null ? [] : [[name, address]])))
  if (addresses.size > 0) return addresses
  const flags = proxy === undefined ? '--port, --grpc-port or --resp-port' : '--port'
  throw wrongUsage(`nothing would listen; give ${flags} a port or a path`)
}

/** The transports by which clients come: at least one. Of several threads only the first listens on Unix sockets. */
export function makeWires({ service, certificate, thread }: WireParts, options: ServeOptions): Transport[] {
  const { grpcEngine, grpcServices, grpcReflection, httpFastPath } = options
  const services = { extras: grpcServices, hasReflection: grpcReflection }
  return [...wireAddresses(options)].flatMap(([name, given]) => {
    if (thread !== undefined && thread.worker > 1 && isSocketAddress(given)) return []
    const address = thread === undefined ? given : withPort(given, thread.ports[name])
    const flag = FLAGS[name] as string
    const shared = thread?.connections.get(name)
    const listener = listenerOf({ name, address, flag, shared }, certificate, options)
    switch (name) {
      case HTTP:
        return [createHttpTransport(service, { ...listener, hasFastPath: httpFastPath })]
      case PROXY:
        return [createProxyTransport(service, listener)]
      case GRPC:
        return [createGrpcTransport(service, { ...listener, engine: grpcEngine }, services)]
      default:
        return [createRespTransport(service, listener)]
    }
  })
}

/** What the listener of operators is made of. */
export interface AdminListenerParts extends Omit<WireParts, 'thread'> {
  readonly configuration: Configuration
  readonly admin: AdminParts
}

/** The transport of operators; none where that is off. */
export function makeAdmin(
  { service, configuration, admin: parts, certificate }: AdminListenerParts,
  options: ServeOptions,
): Transport[] {
  const address = adminAddress(options, configuration)
  if (address === null) return []
  const listener = listenerOf({ name: ADMIN, address, flag: '--admin-port' }, certificate, options)
  return [createAdminTransport(service, { ...listener, parts })]
}

interface Place extends Pick<ListenerOptions, 'address' | 'flag' | 'shared'> {
  readonly name: string
}

function listenerOf(
  { name, ...place }: Place,
  certificate: ShownCertificate | null,
  { maxConnections, maxConnectionsPerPeer }: ServeOptions,
): ListenerOptions {
  const tls = tlsOf(name, place.address, certificate)
  return { ...place, maxConnections, maxConnectionsPerPeer, tls }
}

function withPort(address: ListenAddress, port: number | undefined): ListenAddress {
  return isSocketAddress(address) || port === undefined ? address : { ...address, port }
}

/** The TLS of a listener. On a Unix socket nobody can listen in, and the mode of its file says who may connect. */
function tlsOf(
  name: string,
  address: ListenAddress,
  certificate: ShownCertificate | null,
): TlsInForce | null {
  if (certificate === null || isSocketAddress(address)) return null
  return certificate.listeners.includes(name) ? certificate.tls : null
}
