import {
  clientAddress,
  compileClientAddress,
  compileTrustedProxies,
  isTrustedPeer,
  type TrustedProxies,
} from 'headgate/http'

/** In place of an address: a peer on a Unix socket, in `trustedProxies` and as the peer of a request. */
export const UNIX = 'unix'

/** Whose forwarded addresses and header fields are believed. */
export class TrustedPeers {
  readonly #networks: TrustedProxies
  readonly #trustsUnix: boolean
  readonly #behindUnix: (forwardedFor: string) => string | null

  /** Addresses, networks, and `unix`; a mistake is an `invalid-options` error. */
  constructor(trustedProxies: readonly string[]) {
    // Checked together, so that an error says at which place of the list it is.
    const clientOf = compileClientAddress({ trustedProxies })
    this.#networks = compileTrustedProxies(trustedProxies.filter((one) => one !== UNIX))
    this.#trustsUnix = trustedProxies.includes(UNIX)
    this.#behindUnix = (forwardedFor) => clientOf({ peer: undefined, header: () => forwardedFor })
  }

  /** Whether a peer, by its address or `unix`, is one of them. A connection that has ended has no peer: it is none. */
  has(peer: string | undefined): boolean {
    return peer === UNIX ? this.#trustsUnix : isTrustedPeer(peer, this.#networks)
  }

  /** The client on whose behalf a peer asks, by the lines of `X-Forwarded-For`; null where nobody knows. */
  clientAddress(peer: string | undefined, forwardedFor: readonly string[]): string | null {
    if (peer !== UNIX) return clientAddress(peer, forwardedFor, this.#networks)
    return this.#trustsUnix ? this.#behindUnix(forwardedFor.join()) : null
  }
}
