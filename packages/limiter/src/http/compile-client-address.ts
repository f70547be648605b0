import {
  checkIpv6Prefix,
  compileNetwork,
  formatAddress,
  groupAddress,
  IPV6_PREFIX,
  parseAddress,
} from '../core/address.ts'
import { wrong, wrongKey } from '../core/errors.ts'
import { checkFields } from '../core/validate.ts'
import { checkHeaderName } from './check-header-name.ts'
import {
  type ChainStyle,
  forwardedForStyle,
  isOneOf,
  type TrustedProxies,
  walkToClient,
} from './client-address.ts'
import { forwardedStyle } from './forwarded.ts'
import type { RequestReader } from './request-reader.ts'

/** Where the address of a client comes from. */
export interface ClientAddressOptions {
  /**
   * Addresses and networks of your proxies, such as `['10.0.0.0/8', '2001:db8::/32']`: their header field is believed, and
   * nobody else's. The word `unix` trusts peers without an address, where every request comes over a Unix socket or from a
   * platform that does not tell the peer.
   * @default [], the client is the peer
   */
  readonly trustedProxies?: readonly string[]
  /**
   * The one header field that your proxies write; no other is read. `x-forwarded-for` and `forwarded` (RFC 7239) are lists,
   * which are walked from the right; any other name, such as `cf-connecting-ip` or `x-real-ip`, is a field with one address,
   * which your proxy has to set in place of what it was sent.
   * @default 'x-forwarded-for'
   */
  readonly addressHeader?: string
}

/** What is read of a request to find its client. */
export type AddressedRequest = Pick<RequestReader, 'peer' | 'header'>

/** Most texts that a compiled function remembers; it then begins anew. */
const CACHE_SIZE = 1024
/** Longest text that is remembered: clients write some of them. */
const CACHED_LENGTH_MAX = 128

/**
 * Makes the function that finds the address of a request's client, as {@link clientAddress} does: the peer, or what its trusted
 * proxies say. All spellings of an address give the same text: eight groups of IPv6, IPv4 for IPv4-mapped ones, without ports
 * and zones. Null where nobody knows the client: refuse such a request (400), or it would have the budget of the proxy. With
 * `unix`, a request whose socket has closed counts as one of the proxy.
 *
 * Invalid options throw `invalid-options` at `path`, such as `trustedProxies[0]`.
 *
 * ```
 * const addressOf = compileClientAddress({ trustedProxies: ['10.0.0.0/8'] })
 * addressOf(request)   // peer 10.0.0.1, X-Forwarded-For: 6.6.6.6, 198.51.100.1:555 → '198.51.100.1'
 * ```
 */
export function compileClientAddress(
  options: ClientAddressOptions = {},
  path = '',
): (request: AddressedRequest) => string | null {
  checkFields(options, ['trustedProxies', 'addressHeader'], path === '' ? 'options' : path)
  const { trustedProxies = [], addressHeader = 'x-forwarded-for' } = options
  const at = path === '' ? '' : `${path}.`
  const { trusted, trustsUnix } = compileTrust(trustedProxies, `${at}trustedProxies`)
  const header = checkHeaderName(addressHeader, `${at}addressHeader`)
  const style = styleOf(header)
  const peerOf = remember((text) => readPeer(text, trusted))
  // Whatever trusted peer sent it, a list says the same.
  const senderOf = remember((list) => walkToClient(list, trusted, style))

  return function clientOf(request) {
    const { peer = '' } = request
    const known = peer === '' ? null : peerOf(peer)
    const text = known === null ? null : known.text
    const isTrusted = peer === '' ? trustsUnix : known?.isTrusted === true
    const list = isTrusted ? request.header(header) : undefined
    return list === undefined ? text : senderOf(list)
  }
}

/**
 * Makes the function that turns an address into the text by which a limit counts it: IPv6 by its leading bits, so that whoever
 * rotates through the addresses of one network has one budget; `2001:db8:1:2ff::1` is `2001:db8:1:200:0:0:0:0` by 56 bits. IPv4 is
 * counted whole, as are addresses in `64:ff9b::/96`, each of which stands for one of IPv4. What is no address throws `invalid-key`.
 *
 * A prefix that is no whole number from 32 to 128 throws `invalid-options` at `path`.
 *
 * @param ipv6Prefix how many bits; by default 56
 */
export function compileAddressKey(
  ipv6Prefix: number = IPV6_PREFIX,
  path = 'ipv6Prefix',
): (address: string) => string {
  const prefix = checkIpv6Prefix(ipv6Prefix, path)
  return remember((text) => {
    const address = parseAddress(text)
    if (address === null) throw wrongKey(text, 'is not an address; pass one such as 192.0.2.1 or 2001:db8::1')
    return formatAddress(groupAddress(address, prefix))
  })
}

interface Trust {
  readonly trusted: TrustedProxies
  /** Whether peers without an address are trusted. */
  readonly trustsUnix: boolean
}

function compileTrust(given: readonly string[], path: string): Trust {
  if (!Array.isArray(given)) throw wrong(given, 'is not a list; use one such as ["10.0.0.0/8"]', path)
  const trusted = given.flatMap((one: unknown, i) =>
    one === 'unix' ? [] : [compileNetwork(one, `${path}[${i}]`)],
  )
  return { trusted, trustsUnix: trusted.length < given.length }
}

function styleOf(header: string): ChainStyle {
  if (header === 'forwarded') return forwardedStyle
  return header === 'x-forwarded-for' ? forwardedForStyle : { startOfItem: () => 0, addressOf: parseAddress }
}

interface Peer {
  readonly text: string
  readonly isTrusted: boolean
}

function readPeer(text: string, trusted: TrustedProxies): Peer | null {
  const address = parseAddress(text)
  return address && { text: formatAddress(address), isTrusted: isOneOf(trusted, address) }
}

/** A function that remembers what it was asked last: clients come again, and parsing is dearer than a look-up. */
function remember<T>(compute: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>()
  return (text) => {
    const value = known.get(text)
    if (value !== undefined) return value
    const computed = compute(text)
    if (text.length > CACHED_LENGTH_MAX) return computed
    if (known.size >= CACHE_SIZE) known.clear()
    known.set(text, computed)
    return computed
  }
}
