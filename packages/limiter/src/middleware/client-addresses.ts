import { compileAddressKey, compileClientAddress } from '../http/compile-client-address.ts'
import { proxyHeaderCheck } from '../http/proxy-header-warning.ts'
import type { Exchange } from './exchange.ts'
import type { LimiterPart, RequestPart } from './rate-limit-options.ts'

/** The addresses of clients. */
export interface Addresses {
  /** That of the client; null where nobody knows it. */
  of(exchange: Exchange<unknown>): string | null
  /** The text by which the client is counted: of IPv6 its network. */
  keyOf(exchange: Exchange<unknown>): string | null
}

/** The options that say where addresses come from. */
export type AddressPart = Pick<RequestPart<never>, 'trustedProxies' | 'addressHeader'> &
  Pick<LimiterPart<never>, 'ipv6Prefix'>

/** Compiles them; a mistake is an `invalid-options` error. */
export function compileAddresses({ trustedProxies = [], addressHeader, ipv6Prefix }: AddressPart): Addresses {
  const addressOf = compileClientAddress(
    { trustedProxies, ...(addressHeader !== undefined && { addressHeader }) },
    'options',
  )
  const groupOf = compileAddressKey(ipv6Prefix, 'options.ipv6Prefix')
  const checkHeaders = proxyHeaderCheck(trustedProxies)
  const of = (exchange: Exchange<unknown>): string | null => {
    checkHeaders(exchange)
    return addressOf(exchange)
  }
  return {
    of,
    keyOf(exchange) {
      const address = of(exchange)
      return address === null ? null : groupOf(address)
    },
  }
}
