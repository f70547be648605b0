import { type Address, compileNetwork, maskAddress } from '../core/address.ts'
import { getOrAdd } from '../core/get-or-add.ts'
import type { RequestAttributes } from './request-attributes.ts'
import { NOTHING, type Table } from './table.ts'

/** Networks that `ip` may lie in: one look-up for each prefix length that occurs, however many networks there are. */
export class NetworkTable<T> implements Table<T> {
  readonly #byPrefix = new Map<string, PrefixTable<T>>()

  add(pattern: string, item: T): void {
    const { address, prefix } = compileNetwork(pattern, '')
    const { length: groups } = address
    const table = getOrAdd(this.#byPrefix, `${groups}/${prefix}`, () => ({
      groups,
      prefix,
      items: new Map<string, T[]>(),
    }))
    getOrAdd(table.items, idOf(address, prefix), () => [] as T[]).push(item)
  }

  find({ address }: RequestAttributes): readonly T[] {
    if (address === null) return NOTHING
    const found: T[] = []
    for (const { groups, prefix, items } of this.#byPrefix.values()) {
      if (groups !== address.length) continue
      for (const item of items.get(idOf(address, prefix)) ?? NOTHING) found.push(item)
    }
    return found
  }
}

/** The networks of one family and one prefix length. */
interface PrefixTable<T> {
  readonly groups: number
  readonly prefix: number
  readonly items: Map<string, T[]>
}

function idOf(address: Address, prefix: number): string {
  return maskAddress(address, prefix).join()
}
