import { BlockList, isIP } from 'node:net'
import { type ListenAddress, type ListenPort, listenAddress } from '../listener/listen-address.ts'
import type { TokenSettings } from '../service/access/token-settings.ts'
import { wrongUsage } from '../service/describe-failure.ts'

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4')
LOOPBACK.addAddress('::1', 'ipv6')

/**
 * Where the admin listener listens; null where it is off. Without tokens whoever reaches it may do everything, so that it is
 * kept to this machine.
 */
export function adminAddress(
  { adminHost, adminPort }: { readonly adminHost: string; readonly adminPort: ListenPort },
  { tokens = [] }: { readonly tokens?: readonly TokenSettings[] },
): ListenAddress | null {
  const address = listenAddress(adminHost, adminPort)
  if (address === null || 'path' in address || tokens.length > 0 || isLoopback(adminHost)) return address
  const fix = 'give the configuration tokens, or --admin-host 127.0.0.1, or --admin-port off'
  throw wrongUsage(`without tokens everybody who reaches ${adminHost} could change everything; ${fix}`)
}

/** Whether only this machine reaches what listens there. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || LOOPBACK.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4')
}
