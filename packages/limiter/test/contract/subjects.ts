import { describe, it } from 'vitest'
import type { Store } from '../../src/core/store.ts'
import { type ContractSubject, storeContract } from '../../src/testing/contract/index.ts'
import { type ManualClock, manualClock } from '../../src/testing/manual-clock.ts'

/** Runs every contract case on the store that `make` returns; `make` is called once, in the first case. */
export function testContract(name: string, make: (clock: ManualClock) => Store | Promise<Store>): void {
  describe(name, () => {
    const clock = manualClock()
    let store: Promise<Store> | undefined
    let count = 0
    const subject = async (): Promise<ContractSubject> => {
      store ??= Promise.resolve(make(clock))
      return {
        store: await store,
        clock,
        unique: () => `u${++count}`,
      }
    }
    it.each(storeContract)('$name', async (one) => one.run(await subject()))
  })
}
