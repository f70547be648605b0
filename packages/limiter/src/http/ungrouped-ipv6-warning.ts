import { formatAddress, groupAddress, parseAddress } from '../core/address.ts'
import { Occasion } from '../core/occasion.ts'
import { warnOnce } from '../core/warn.ts'

/** Bits that tell the network; nobody has less than what is behind them. */
const NETWORK_PREFIX = 64

/**
 * Makes the function that looks at what a key function returned, and warns once where that is a whole address of IPv6. It looks at the
 * first hundred keys, and later at one in a thousand.
 */
export function keyAddressCheck(): (key: unknown) => void {
  const occasion = new Occasion()
  return (key) => {
    if (!occasion.isDue() || typeof key !== 'string' || !isWholeIpv6(key)) return
    const what = `A key function returned ${key}, but whoever has a network of IPv6 has a fresh budget for each address in it`
    warnOnce('HEADGATE_UNGROUPED_IPV6', `${what}; return compileAddressKey()(address)`)
  }
}

/** Whether a text is an address of IPv6 that tells more than a network. */
function isWholeIpv6(text: string): boolean {
  const address = parseAddress(text)
  return address !== null && formatAddress(groupAddress(address, NETWORK_PREFIX)) !== formatAddress(address)
}
