import {
  type Address,
  compileNetwork,
  formatAddress,
  isInNetwork,
  type Network,
  parseAddress,
} from '../core/address.ts'
import { wrong } from '../core/errors.ts'

/** Most addresses of a forwarded chain that are examined, from the right; real chains have a handful. */
const HOPS_MAX = 32

/** Compiled addresses and networks of trusted proxies. */
export type TrustedProxies = readonly Network[]

/**
 * Compiles the addresses and networks of trusted proxies, such as `['10.0.0.0/8', '127.0.0.1']`. A mistake is an
 * `invalid-options` error at `path`.
 */
export function compileTrustedProxies(given: readonly string[], path = 'trustedProxies'): TrustedProxies {
  if (!Array.isArray(given)) throw wrong(given, 'is not a list of addresses and networks', path)
  return given.map((value: unknown, i) => compileNetwork(value, `${path}[${i}]`))
}

/** Whether the peer of a connection is a trusted proxy, so that its header fields are believed. False without an address. */
export function isTrustedPeer(peer: string | undefined, trusted: TrustedProxies): boolean {
  const address = parseAddress(peer ?? '')
  return address !== null && isOneOf(trusted, address)
}

/**
 * The address of the client behind trusted proxies: the right-most address of `X-Forwarded-For` that is not one of theirs, or
 * the left-most where all are. An untrusted peer can write any header, so then it is the address of the peer.
 *
 * All spellings of an address give the same text. Null where nobody knows the client: the peer has no address, as on a Unix
 * socket, or a trusted proxy sent an item that is none, as `unknown` or nothing between two commas. Refuse such a request: taken
 * for one of the proxy itself, it would have whatever the proxy may do.
 */
export function clientAddress(
  peer: string | undefined,
  forwardedFor: string | readonly string[] | undefined,
  trusted: TrustedProxies,
): string | null {
  let address: Address | null = parseAddress(peer ?? '')
  if (address === null) return null
  // Several header lines are one list, in order (RFC 9110, section 5.3).
  const items = [forwardedFor ?? []].flat().flatMap((line) => line.split(','))
  for (const item of items.slice(-HOPS_MAX).reverse()) {
    if (!isOneOf(trusted, address)) break
    address = parseAddress(item)
    if (address === null) return null
  }
  return formatAddress(address)
}

function isOneOf(trusted: TrustedProxies, address: Address): boolean {
  return trusted.some((network) => isInNetwork(address, network))
}
