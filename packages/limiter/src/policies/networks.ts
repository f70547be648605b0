import { isInNetwork, type Network, parseAddress, parseNetwork } from '../core/address.ts'
import { wrong } from '../core/errors.ts'

/** Compiles addresses and networks; a mistake is an `invalid-options` error at `path`. */
export function compileNetworks(values: readonly unknown[], path: string): readonly Network[] {
  return values.map((value): Network => {
    const network = typeof value === 'string' ? parseNetwork(value) : null
    if (network !== null) return network
    throw wrong(value, 'is not an address; use one such as 192.0.2.1 or 10.0.0.0/8', path)
  })
}

/** Whether an address lies in one of these networks; false where there is none. */
export function isInNetworks(text: string | undefined, networks: readonly Network[]): boolean {
  const address = text === undefined ? null : parseAddress(text)
  return address !== null && networks.some((network) => isInNetwork(address, network))
}
