import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Clock } from 'headgate'
import type { buildConnector } from 'undici'

/** Where a target is, as its URL says. */
export interface TargetPlace {
  /** The URL, by which it is called in logs and metrics. */
  readonly label: string
  /** Scheme, host and port, for the client of HTTP. */
  readonly origin: string
  readonly isSecure: boolean
  /** Name or address, IPv6 without brackets. */
  readonly host: string
  readonly port: number
  /** Path of a Unix socket. */
  readonly socketPath: string | null
}

/** How targets are connected to. */
export interface ConnectOptions {
  readonly clock: Clock
  /** In milliseconds, with the resolution of the name and the handshake of TLS; 0: no limit. */
  readonly connectMs: number
  /** PEM of authorities; null: those of the system. */
  readonly ca: string | null
}

/** How many octets of a socket are read at once. */
const READ_AHEAD = 65_536
const KEEP_ALIVE_MS = 60_000

/** Reads a target as settings have it: `http://host:port`, `https://host`, `unix:/path`. */
export function placeOf(target: string): TargetPlace {
  if (target.startsWith('unix:')) {
    const socketPath = target.slice('unix:'.length)
    return {
      label: target,
      origin: 'http://localhost',
      isSecure: false,
      host: 'localhost',
      port: 80,
      socketPath,
    }
  }
  const { protocol, hostname, port, host } = new URL(target)
  const isSecure = protocol === 'https:'
  return {
    label: `${protocol}//${host}`,
    origin: `${protocol}//${host}`,
    isSecure,
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? (isSecure ? 443 : 80) : Number(port),
    socketPath: null,
  }
}

/**
 * Makes what connects to a target, for the client of HTTP. Certificates are checked for the host of the target, whatever host a
 * request names.
 */
export function connectorOf(
  place: TargetPlace,
  { clock, connectMs, ca }: ConnectOptions,
): buildConnector.connector {
  let session: Buffer | undefined
  const open = (): Socket => {
    const to = { host: place.host, port: place.port, allowHalfOpen: true, highWaterMark: READ_AHEAD }
    if (place.socketPath !== null) return connectTcp({ ...to, path: place.socketPath })
    if (!place.isSecure) return connectTcp(to)
    const socket = connectTls({
      ...to,
      // An address is no name to ask for; the certificate is checked for it all the same.
      servername: isIP(place.host) === 0 ? place.host : '',
      ALPNProtocols: ['http/1.1'],
      ...(ca !== null && { ca }),
      ...(session !== undefined && { session }),
    })
    return socket.on('session', (fresh) => {
      session = fresh
    })
  }
  return (_options, callback) => {
    const socket = open()
    let isSettled = false
    const settle = (error: Error | null): void => {
      cancel()
      if (isSettled) return
      isSettled = true
      if (error === null) callback(null, socket)
      else callback(error, null)
    }
    const cancel =
      connectMs === 0 ? () => {} : clock.after(connectMs, () => socket.destroy(new ConnectTimeout()))
    socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS)
    socket.once(place.isSecure ? 'secureConnect' : 'connect', () => settle(null)).on('error', settle)
  }
}

class ConnectTimeout extends Error {
  readonly code = 'ETIMEDOUT'

  constructor() {
    super('No connection in time.')
  }
}
