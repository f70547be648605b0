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
  const address = parseAddress(peer ?? '')
  if (address === null) return null
  // Several header lines are one list, in order (RFC 9110, section 5.3).
  const list = typeof forwardedFor === 'object' ? joinLines(forwardedFor) : forwardedFor
  if (list === undefined || !isOneOf(trusted, address)) return formatAddress(address)
  return walkToClient(list, trusted, forwardedForStyle)
}

/** How a header field writes addresses; the last one was written by the nearest proxy. */
export interface ChainStyle {
  /** Where the last item of `list` begins that ends before `end`; reads nothing to the left of it. */
  startOfItem(list: string, end: number): number
  /** Null where the item tells no address. */
  addressOf(item: string): Address | null
}

/** `X-Forwarded-For: 198.51.100.1, 10.0.0.3`. */
export const forwardedForStyle: ChainStyle = {
  startOfItem: (list, end) => (end === 0 ? 0 : list.lastIndexOf(',', end - 1) + 1),
  addressOf: parseAddress,
}

/**
 * Walks what a trusted peer sent to the left, as long as the address that it is at is a trusted proxy's. What a client wrote stands
 * to the left of where the walk ends, and is never looked at. Null at an item without an address.
 */
export function walkToClient(list: string, trusted: TrustedProxies, style: ChainStyle): string | null {
  let address: Address | null = null
  for (let hops = 0, end = list.length; end >= 0 && hops < HOPS_MAX; hops++) {
    const start = style.startOfItem(list, end)
    address = style.addressOf(list.slice(start, end))
    if (address === null) return null
    if (!isOneOf(trusted, address)) break
    end = start - 1
  }
  return address && formatAddress(address)
}

/** Whether an address is that of a trusted proxy. */
export function isOneOf(trusted: TrustedProxies, address: Address): boolean {
  for (const network of trusted) if (isInNetwork(address, network)) return true
  return false
}

function joinLines(lines: readonly string[]): string | undefined {
  return lines.length === 0 ? undefined : lines.join()
}
