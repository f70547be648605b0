import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { RedisConnectionOptions } from './connection-options.ts'

/** Reads the first `count` bytes of a buffer that is reused afterwards. */
export type Receive = (bytes: Buffer, count: number) => void

/** A socket that is connecting, and the event that says that it is open. */
export interface Opening {
  readonly socket: Socket
  readonly opened: 'connect' | 'secureConnect'
}

const DEFAULT_PORT = 6379
const KEEP_ALIVE_MS = 5000
/** A reply of 64 decisions at once is 14 kB. */
const BUFFER_BYTES = 16 * 1024

/**
 * Begins to connect to one server. All reads use one buffer, which `receive` gets; streams would allocate one per
 * read.
 */
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
  // Node sends no SNI by default; some servers choose their certificate by it.
  const name = path === undefined && !isIP(host) && { servername: host }
  // `onread` is spread, since the types of node:tls lack it.
  const socket = tls
    ? connectTls({ ...where, ...name, ...tls, ...{ onread } })
    : connect({ ...where, onread })
  socket.setNoDelay(true)
  socket.setKeepAlive(true, KEEP_ALIVE_MS)
  return { socket, opened: tls ? 'secureConnect' : 'connect' }
}
