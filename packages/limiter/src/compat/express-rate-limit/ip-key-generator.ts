import { checkIpv6Prefix, formatAddress, IPV6_PREFIX, maskAddress, parseAddress } from '../../core/address.ts'

const IPV4_GROUPS = 2

/**
 * The key of an address: one of IPv4 stands for itself, also where it is written as IPv6; of IPv6 it is the network, `2001:db8::/56`
 * for `2001:db8::1`. Ports are cut off. With `ipv6Subnet` false, and for what is no address, it is the text that was given.
 */
export function ipKeyGenerator(ip: string, ipv6Subnet: number | false = IPV6_PREFIX): string {
  // Most are of IPv4, and written in one way.
  const address = ip?.includes(':') ? parseAddress(ip) : null
  if (address === null) return ip
  if (address.length === IPV4_GROUPS) return formatAddress(address)
  if (ipv6Subnet === false) return ip
  const prefix = checkIpv6Prefix(ipv6Subnet, 'ipv6Subnet')
  return `${compressed(formatAddress(maskAddress(address, prefix)))}/${prefix}`
}

/** The short form of RFC 5952, which URLs have. */
function compressed(groups: string): string {
  return new URL(`http://[${groups}]`).hostname.slice(1, -1)
}
