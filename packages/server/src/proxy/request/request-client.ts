import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { peerOf } from '../../listener/peer-of.ts'
import { TrustedPeers, UNIX } from '../../service/identity/trusted-peers.ts'
import type { ClientSettings } from '../../service/proxy-settings/proxy-settings.ts'

/** Who sent a request, as far as its connection and trusted proxies tell. */
export interface RequestClient {
  /** Null where nobody knows. */
  readonly ip: string | null
  readonly isSecure: boolean
  /** Whether `clients` lets it in. */
  readonly isServed: boolean
  /** Whether header fields of the peer are believed. */
  readonly isTrusted: boolean
}

/** What the peer says of the client; null: nothing. */
export interface ToldByPeer {
  /** All lines of `X-Forwarded-For`, as one list. */
  readonly forwardedFor: string | null
  readonly forwardedProto: string | null
}

/** An address, and whether `clients` lets it in. */
type Judged = Pick<RequestClient, 'ip' | 'isServed'>

/** Most texts of `X-Forwarded-For` of which it is remembered whom they name, and their longest. */
const TOLD_MAX = 1000
const TOLD_LENGTH_MAX = 128

/** A connection, as it is for all of its requests. */
interface Connection extends RequestClient {
  readonly peer: string | undefined
}

/** Tells who requests are of. What holds for a connection is found out once. */
export class RequestClients {
  readonly #trusted: TrustedPeers
  readonly #allowed: TrustedPeers | null
  readonly #denied: TrustedPeers | null
  readonly #connections = new WeakMap<Socket, Connection>()
  readonly #told = new Map<string, Judged>()

  /** A mistake in an address is an `invalid-options` error. */
  constructor({ allow, deny }: ClientSettings, trusted: TrustedPeers) {
    this.#trusted = trusted
    // Sets of addresses are what they are, whether or not their members are believed.
    this.#allowed = allow && new TrustedPeers(allow)
    this.#denied = deny.length === 0 ? null : new TrustedPeers(deny)
  }

  of(socket: Socket, told: ToldByPeer): RequestClient {
    const connection = this.#connections.get(socket) ?? this.#connect(socket)
    const { peer, isTrusted } = connection
    if (!isTrusted || (told.forwardedFor === null && told.forwardedProto === null)) return connection
    const { forwardedFor, forwardedProto } = told
    const { ip, isServed } = forwardedFor === null ? connection : this.#named(forwardedFor, peer)
    const isSecure = forwardedProto === null ? connection.isSecure : isAllSecure(forwardedProto)
    return { ip, isSecure, isServed, isTrusted }
  }

  /** Whom a trusted peer names: any of them the same by the same text. */
  #named(forwardedFor: string, peer: string | undefined): Judged {
    const known = this.#told.get(forwardedFor)
    if (known !== undefined) return known
    const ip = this.#trusted.clientAddress(peer, [forwardedFor])
    const judged = { ip, isServed: this.#isServed(ip) }
    if (this.#told.size >= TOLD_MAX) this.#told.clear()
    if (forwardedFor.length <= TOLD_LENGTH_MAX) this.#told.set(forwardedFor, judged)
    return judged
  }

  #connect(socket: Socket): Connection {
    const peer = peerOf(socket)
    const ip = peer === UNIX ? UNIX : this.#trusted.clientAddress(peer, [])
    const isSecure = (socket as Partial<TLSSocket>).encrypted === true
    const isTrusted = this.#trusted.has(peer)
    const connection = { peer, ip, isSecure, isServed: this.#isServed(ip), isTrusted }
    // One that has ended has no address, and needs no place.
    if (peer !== undefined) this.#connections.set(socket, connection)
    return connection
  }

  #isServed(ip: string | null): boolean {
    if (ip === null) return false
    return this.#denied?.has(ip) !== true && this.#allowed?.has(ip) !== false
  }
}

/** Of a chain of proxies, each may say how it was reached: all of them have to have been by TLS. */
function isAllSecure(protocols: string): boolean {
  return protocols.split(',').every((one) => /^\s*(?:https|wss)\s*$/i.test(one))
}
