import { constants, type Http2Session, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2'
import type { TLSSocket } from 'node:tls'
import { IDLE_TIMEOUT_MS } from '../../listener/listener-limits.ts'
import { markUnix, peerOf } from '../../listener/peer-of.ts'
import { UNIX } from '../../service/identity/trusted-peers.ts'

/** No stream is refused by a goodbye that says this one will be served. */
const ANY_STREAM = 2 ** 31 - 1

/** How long a connection that has no request gets to end after a goodbye. */
const GOODBYE_MS = 1000

/** A connection of HTTP/2. */
export interface Session {
  /** What is known of the other end, as sockets tell it; it stays when the connection has ended. */
  readonly peer: object
  /** Counts a request until it has ended. */
  count(stream: ServerHttp2Stream): void
  /** Whether it has no request now. */
  isUnused(): boolean
  /** Asks the client to send no more requests; those that it does send are served. */
  leave(): void
}

/** The connections of HTTP/2 of a server. */
export class OpenSessions {
  readonly #open = new Map<Http2Session, Session>()

  add(session: ServerHttp2Session): void {
    let hasLeft = false
    let streams = 0
    const count = (stream: ServerHttp2Stream): void => {
      streams++
      stream.once('close', () => streams--)
    }
    const isUnused = (): boolean => streams === 0
    const leave = (): void => {
      if (hasLeft || session.destroyed) return
      hasLeft = true
      session.goaway(constants.NGHTTP2_NO_ERROR, ANY_STREAM)
    }
    this.#open.set(session, { peer: otherEndOf(session), count, isUnused, leave })
    session.once('close', () => this.#open.delete(session))
    session.setTimeout(IDLE_TIMEOUT_MS, () => {
      // Streams have timeouts of their own.
      if (isUnused()) session.close()
    })
    session.on('error', () => {})
  }

  /** Undefined where it has ended. */
  of(session: Http2Session | undefined): Session | undefined {
    return session && this.#open.get(session)
  }

  /** Says goodbye to all; each closes when its requests are answered. */
  drain(): void {
    for (const session of this.#open.keys()) session.close()
    // One that has said nothing yet hears nothing either.
    setTimeout(() => {
      for (const [session, { isUnused }] of this.#open) if (isUnused()) session.destroy()
    }, GOODBYE_MS).unref()
  }
}

function otherEndOf({ socket }: ServerHttp2Session): object {
  const { remoteAddress } = socket
  const tls = socket as TLSSocket
  const authorized = tls.authorized === true
  const certificate = authorized ? tls.getPeerCertificate() : undefined
  const known = { remoteAddress, encrypted: true, authorized, getPeerCertificate: () => certificate }
  if (peerOf(socket as TLSSocket) === UNIX) markUnix(known)
  return known
}
