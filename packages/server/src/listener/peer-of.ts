import type { Socket } from 'node:net'
import { UNIX } from '../service/identity/trusted-peers.ts'

const onUnixSocket = new WeakSet<Socket>()

/** Remembers that a connection came by a Unix socket: neither has an address then, nor has one of TCP that has ended. */
export function markUnix(socket: Socket): void {
  onUnixSocket.add(socket)
}

/** Who is at the other end of a connection: an address, or `unix`; undefined where it has ended. */
export function peerOf(socket: Socket): string | undefined {
  return onUnixSocket.has(socket) ? UNIX : socket.remoteAddress
}
