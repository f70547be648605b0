import { resolve } from 'node:path'

/** What one gives for a transport in place of a port number: a Unix socket, or nothing at all. */
export type ListenPort = number | SocketAddress | 'off'

/** Where a server listens. */
export type ListenAddress = PortAddress | SocketAddress

/** A port of this machine. */
export interface PortAddress {
  /** An address or a name of this machine. */
  readonly host: string
  /** 0 for any that is free. */
  readonly port: number
}

/** A Unix socket, which those of this machine reach whom the mode of its file admits. */
export interface SocketAddress {
  /** From the root. */
  readonly path: string
}

/** Where to listen by what was given; null where that is nowhere. */
export function listenAddress(host: string, port: ListenPort): ListenAddress | null {
  if (port === 'off') return null
  return typeof port === 'number' ? { host, port } : { path: resolve(port.path) }
}

/** Whether it is a Unix socket. */
export function isSocketAddress(address: ListenAddress): address is SocketAddress {
  return 'path' in address
}

/** The URL of a server: `http://127.0.0.1:8080`; of a Unix socket `unix:/run/headgate/http.sock`, whatever is spoken there. */
export function urlOf(scheme: string, address: ListenAddress): string {
  if (isSocketAddress(address)) return `unix:${address.path}`
  const { host, port } = address
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`
}
