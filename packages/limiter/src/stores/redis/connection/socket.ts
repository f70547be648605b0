import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { RedisConnectionOptions } from './connection-options.ts'

/** Reads the first `count` bytes of a buffer, which is used again afterwards. */
export type Receive = (bytes: Buffer, count: number) => void

/** How a socket is opened, and the event that says that bytes can travel. */
export interface Opening {
  readonly socket: Socket
  readonly opened: 'connect' | 'secureConnect'
}

const DEFAULT_PORT = 6379
const KEEP_ALIVE_MS = 5000
/** A reply of 64 decisions at once is 14 kB. */
const BUFFER_BYTES = 16 * 1024

/** Begins to connect to one server. Bytes go to `receive` by one buffer: no stream makes new ones for each reply. */
export function openSocket(options: RedisConnectionOptions, receive: Receive): Opening {
  const { host = '127.0.0.1', port = DEFAULT_PORT, path, tls } = options
  const buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES)
  const onread = {
    buffer,
    callback: (count: number): boolean => {
      receive(buffer, count)
      return true
    },
  }
  const where = path === undefined ? { host, port } : { path }
  // Node does not send the name of a host by itself, and some servers have a certificate for each.
  const name = path === undefined && !isIP(host) && { servername: host }
  // `onread` is spread, since the types of Node's TLS do not know it.
  const socket = tls
    ? connectTls({ ...where, ...name, ...tls, ...{ onread } })
    : connect({ ...where, onread })
  socket.setNoDelay(true)
  socket.setKeepAlive(true, KEEP_ALIVE_MS)
  return { socket, opened: tls ? 'secureConnect' : 'connect' }
}
