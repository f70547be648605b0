import {
  type Address,
  formatAddress,
  isInNetwork,
  type Network,
  parseAddress,
  parseNetwork,
} from '../core/address.ts'
import { wrong } from '../core/errors.ts'

/** Most addresses of a forwarded chain that are looked at: real chains have a handful. */
const HOPS_MAX = 32

/** Compiles the networks whose forwarded addresses are believed, such as `['10.0.0.0/8', '127.0.0.1']`. */
export function compileTrustedProxies(given: readonly string[], path: string): readonly Network[] {
  if (!Array.isArray(given)) throw wrong(given, 'is not a list of addresses and networks', path)
  return given.map((text: unknown, i) => {
    const network = typeof text === 'string' ? parseNetwork(text) : null
    if (network !== null) return network
    throw wrong(text, 'is not an address; use one such as 192.0.2.1 or 10.0.0.0/8', `${path}[${i}]`)
  })
}

/**
 * The address of the client behind trusted proxies: the right-most address of `X-Forwarded-For` that is no trusted proxy's.
 * The peer's own where the peer is not trusted, since anybody can write the header; the left-most where all are trusted.
 * The walk ends at the first item that is no address, and answers the proxy that passed it on.
 *
 * Answers one text for each address, whatever its spelling; null where the peer's is none, as of a Unix socket.
 */
export function clientAddress(
  peer: string,
  forwardedFor: string | readonly string[] | undefined,
  trusted: readonly Network[],
): string | null {
  let address = parseAddress(peer)
  if (address === null) return null
  const isTrusted = (one: Address): boolean => trusted.some((network) => isInNetwork(one, network))
  // Several header lines are one list, in their order (RFC 9110, section 5.3).
  const items = [forwardedFor ?? []].flat().join(',').split(',', -1)
  for (const item of items.slice(-HOPS_MAX).reverse()) {
    if (!isTrusted(address)) break
    const next: Address | null = parseAddress(item.trim())
    if (next === null) break
    address = next
  }
  return formatAddress(address)
}
