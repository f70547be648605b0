import { compileNetwork, isInNetwork, parseAddress } from '../core/address.ts'
import { Occasion } from '../core/occasion.ts'
import { warnOnce } from '../core/warn.ts'
import { compileTrustedProxies, isTrustedPeer, type TrustedProxies } from './client-address.ts'
import type { RequestReader } from './request-reader.ts'

/** Networks that no client on the internet has an address in: loopback, private, link-local, and shared by carriers. */
const INSIDE = [
  '127.0.0.0/8',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  '100.64.0.0/10',
  '::1/128',
  'fc00::/7',
  'fe80::/10',
].map((network) => compileNetwork(network, ''))

const FIELDS = ['x-forwarded-for', 'forwarded']

/** Looks at a request. */
export type CheckProxyHeaders = (request: Pick<RequestReader, 'peer' | 'header'>) => void

/**
 * Makes the function that warns once of a proxy that nobody trusts: a request says whom it was forwarded for, and no proxy is
 * trusted or the peer has an address that no client has. All clients behind such a proxy are counted as one. It looks at the first
 * hundred requests, and later at one in a thousand.
 */
export function proxyHeaderCheck(trustedProxies: readonly string[]): CheckProxyHeaders {
  // What is no address or network is `unix`, for peers that have none.
  const trusted = compileTrustedProxies(trustedProxies.filter((one) => one !== 'unix'))
  const occasion = new Occasion()
  return (request) => {
    if (occasion.isDue()) check(request, trusted)
  }
}

function check(request: Parameters<CheckProxyHeaders>[0], trusted: TrustedProxies): void {
  const { peer } = request
  const field = FIELDS.find((name) => request.header(name) !== undefined)
  const address = parseAddress(peer ?? '')
  if (field === undefined || address === null || isTrustedPeer(peer, trusted)) return
  if (trusted.length > 0 && !INSIDE.some((network) => isInNetwork(address, network))) return
  const what = `A request of ${peer} has the field ${field}, but ${peer} is not in trustedProxies`
  warnOnce(
    'HEADGATE_UNTRUSTED_PROXY',
    `${what}, so that all clients behind it are counted as one; add your proxies`,
  )
}
