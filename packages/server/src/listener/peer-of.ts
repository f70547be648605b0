import type { Socket } from 'node:net'
import { UNIX } from '../service/identity/trusted-peers.ts'

/** Stands on the connection itself: what stands for it elsewhere, as in HTTP/2, has it as well. */
const ON_UNIX_SOCKET = Symbol('on a Unix socket')

interface Connection {
  [ON_UNIX_SOCKET]?: true
}

/** Remembers that a connection came by a Unix socket: neither has an address then, nor has one of TCP that has ended. */
export function markUnix(socket: object): void {
  const connection: Connection = socket
  connection[ON_UNIX_SOCKET] = true
}

/** Who is at the other end of a connection: an address, or `unix`; undefined where it has ended. */
export function peerOf(socket: Socket): string | undefined {
  return (socket as Connection)[ON_UNIX_SOCKET] === true ? UNIX : socket.remoteAddress
}
