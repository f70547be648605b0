import type { Server, Socket } from 'node:net'
import type { RefusalReason } from '../service/events.ts'
import { LocalPlaces, type Places, type Tally } from '../service/tally.ts'
import { PeerCounts } from './peer-counts.ts'
import { markUnix } from './peer-of.ts'

/** How many connections a server keeps open at once; one more is closed at once. */
export interface ConnectionLimits {
  /** Most connections of all. */
  readonly total: number
  /** Most of one address, or of one network of IPv6 (/56). Those of Unix sockets have no address and are not counted. */
  readonly perPeer: number
  /** Whose connections are counted among all only, such as those of a trusted proxy, which are of many. */
  readonly isExempt: (peer: string) => boolean
  /**
   * Where the listeners of several threads count together; they then have these limits together.
   * @default a listener counts for itself
   */
  readonly shared?: SharedConnections | undefined
}

/** What the listeners of several threads on one port count together. */
export interface SharedConnections {
  /** As many as there may be of all. */
  readonly places: Places
  /** Of each peer. */
  readonly peers: Tally
}

/**
 * Limits the connections of a server, also where those who take them are registered already: they come to see none that is over
 * the limit. What fails when a connection is taken, such as for want of file descriptors, is told and ends nothing. Answers what
 * tells how many are open.
 */
export function limitConnections(
  server: Server,
  { total, perPeer, isExempt, shared }: ConnectionLimits,
  onRefused: (reason: RefusalReason) => void,
): () => number {
  const peers = new PeerCounts(perPeer, shared?.peers)
  const places = shared?.places ?? new LocalPlaces(Number.POSITIVE_INFINITY)
  const refuse = (socket: Socket, reason: RefusalReason): false => {
    socket.destroy()
    onRefused(reason)
    return false
  }
  let open = 0
  server.maxConnections = total
  server.on('drop', () => onRefused('total'))
  server.on('error', () => {
    if (server.listening) onRefused('system')
  })
  takeFirst(server, (socket) => {
    if (typeof server.address() === 'string') markUnix(socket)
    const peer = socket.remoteAddress
    const leave = peer === undefined || isExempt(peer) ? () => {} : peers.enter(peer)
    if (leave === null) return refuse(socket, 'peer')
    const giveBack = places.take()
    if (giveBack === null) {
      leave()
      return refuse(socket, 'total')
    }
    open++
    socket.once('close', () => {
      open--
      leave()
      giveBack()
    })
    return true
  })
  return () => open
}

/** Has every connection looked at before anybody else sees it; where that says no, nobody does. */
function takeFirst(server: Server, isTaken: (socket: Socket) => boolean): void {
  const takers = server.listeners('connection')
  server.removeAllListeners('connection')
  server.on('connection', (socket) => {
    if (!isTaken(socket)) return
    for (const take of takers) Reflect.apply(take, server, [socket])
  })
}
