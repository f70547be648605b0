import { compileNetwork, isInNetwork, parseAddress } from '../core/address.ts'
import { Occasion } from '../core/occasion.ts'
import { warnOnce } from '../core/warn.ts'

const WHY = 'so that whoever has a network of them has a fresh budget for each'
/** Groups of 16 bits that tell the network; nobody has less than what is behind them. */
const NETWORK_GROUPS = 4
/** Addresses that stand for one of IPv4 each, which are right as they are (RFC 6052). */
const TRANSLATED = compileNetwork('64:ff9b::/96', '')

/** Warns once where clients are to be counted by whole addresses of IPv6. */
export function warnOfWholeIpv6(ipv6Prefix: number): void {
  if (ipv6Prefix < 128) return
  warnOnce(
    'HEADGATE_UNGROUPED_IPV6',
    `With an ipv6Prefix of 128 each address is counted by itself, ${WHY}; use 56`,
  )
}

/**
 * Makes the function that looks at what a key function returned, and warns once where that is a whole address of IPv6. It looks at the
 * first hundred keys, and later at one in a thousand.
 */
export function keyAddressCheck(): (key: unknown) => void {
  const occasion = new Occasion()
  return (key) => {
    if (!occasion.isDue() || typeof key !== 'string' || !isWholeIpv6(key)) return
    warnOnce(
      'HEADGATE_UNGROUPED_IPV6',
      `A key function returned the address ${key}, ${WHY}; return compileAddressKey()(address)`,
    )
  }
}

/** Whether a text is an address of IPv6 that tells more than a network. */
function isWholeIpv6(text: string): boolean {
  const address = parseAddress(text)
  if (address === null || address.length <= NETWORK_GROUPS) return false
  return address.slice(NETWORK_GROUPS).some((group) => group !== 0) && !isInNetwork(address, TRANSLATED)
}
