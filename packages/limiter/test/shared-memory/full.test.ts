import { describe, expect, it } from 'vitest'
import { REMAINING, WAIT } from '../../src/core/algorithm.ts'
import { ruleReceiptOf } from '../../src/core/rule-receipt.ts'
import { OVERFLOWED } from '../../src/stores/shared-memory/memory-map.ts'
import type { SharedArrayStore } from '../../src/stores/shared-memory/shared-store.ts'
import { freshBudget } from '../guarantees/arbitraries.ts'
import { SharedMemory } from './memory.ts'

const budget = freshBudget({ algorithm: 'token-bucket', limit: '1000000/h' })
/** Refunds, and claims, that memory for the fewest keys remembers. */
const REMEMBERED = 8192

/** Spends once, and gives it back; whether the store took that. */
function givesBack(store: SharedArrayStore, id: string): boolean {
  const spend = { budget, key: 'key', cost: 1 }
  const { numbers, now } = store.decideSync('consume', [spend])
  const rules = [ruleReceiptOf(numbers, 0, now)]
  return store.refundSync([{ ...spend, id, rules }])[0] === 1
}

function expectDecisions({ attach }: Pick<SharedMemory, 'attach'>): void {
  const { store } = attach()
  for (const key of ['key', 'new', 'another']) {
    const { numbers } = store.decideSync('consume', [{ budget, key, cost: 1 }])
    expect(numbers[WAIT]).toBe(0)
    expect(numbers[REMAINING]).toBeGreaterThan(0)
  }
}

describe('memory that is nearly full', () => {
  it('of refunds takes no more of them, and decides', () => {
    const memory = new SharedMemory(2)
    const { store } = memory.attach()
    let taken = 0
    while (givesBack(store, `spend ${taken}`)) taken++
    expect(taken).toBe(REMEMBERED)
    expectDecisions({ attach: () => memory.attach() })
  })

  it('of claims takes no more of them, and decides', async () => {
    const memory = new SharedMemory(2)
    const { store } = memory.attach()
    const endsAtUs = memory.clock.now() + 3_600_000_000
    const take = async (i: number): Promise<unknown> =>
      store.claim({ id: `claim ${i}`, value: 1, endsAtUs }).catch((reason: unknown) => reason)
    let taken = 0
    let last: unknown = await take(0)
    while (!(last instanceof Error)) last = await take(++taken)
    expect(taken).toBe(REMEMBERED)
    expect(String(last)).toMatch(/remembered.* give sharedMemoryStore a larger maxKeys/)
    expectDecisions({ attach: () => memory.attach() })
  })

  it('goes on counting what does not fit in it after 2^31 of that', () => {
    const memory = new SharedMemory(1)
    const { store } = memory.attach()
    memory.map.ints[OVERFLOWED] = 2 ** 31 - 1
    for (const key of ['first', 'second']) store.decideSync('consume', [{ budget, key, cost: 1 }])
    expect(store.stats().overflowed).toBe(2 ** 31)
  })

  it('of blocks takes no more of them, and decides', async () => {
    const memory = new SharedMemory(2)
    const { store } = memory.attach()
    const block = (i: number) => store.block([{ budget, key: `blocked ${i}` }], 3_600_000_000)
    await expect(untilFull(block)).rejects.toThrow('the memory that threads share is full')
    expectDecisions({ attach: () => memory.attach() })
  })
})

describe('memory that is full', () => {
  it('has room again once what it held has ended, however long nobody has asked', async () => {
    const memory = new SharedMemory(40)
    const { store } = memory.attach()
    const logs = freshBudget({ algorithm: 'sliding-log', limit: '1000/h' })
    const block = (i: number) => store.block([{ budget, key: `blocked ${i}` }], 3_600_000_000)
    await expect(untilFull(block)).rejects.toThrow('is full')
    const spend = async (i: number): Promise<void> => {
      memory.clock.advanceUs(1)
      store.decideSync('consume', [{ budget: logs, key: `key ${i % 100}`, cost: 1 }])
    }
    await expect(untilFull(spend)).rejects.toThrow('give sharedMemoryStore a larger maxKeys')
    memory.clock.advance('2d')
    expectDecisions({ attach: () => memory.attach() })
    for (let i = 0; i < 100; i++) await spend(i)
    expect(store.stats().keys).toBeLessThanOrEqual(40 + 103)
  })
})

async function untilFull(fill: (i: number) => Promise<void>): Promise<void> {
  for (let i = 0; i < 1_000_000; i++) await fill(i)
}
