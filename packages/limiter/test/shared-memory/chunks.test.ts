import { describe, expect, it } from 'vitest'
import { WAIT } from '../../src/core/algorithm.ts'
import type { SharedArrayStore } from '../../src/stores/shared-memory/shared-store.ts'
import { freshBudget } from '../guarantees/arbitraries.ts'
import { audit, untouched } from './audit.ts'
import { SharedMemory } from './memory.ts'

const budget = freshBudget({ algorithm: 'token-bucket', limit: '1/day' })
const spends = (store: SharedArrayStore, key: string): boolean =>
  store.decideSync('consume', [{ budget, key, cost: 1 }]).numbers[WAIT] === 0

/** 145 chunks. */
const text = 'x'.repeat(3000)
const put = (store: SharedArrayStore, name: string): Promise<boolean> =>
  store.putDocument(name, { expected: null, revision: '1', text })

describe('chunks of memory that threads share', () => {
  it('are found by a thread that comes when many of the first ones are in use', async () => {
    const memory = new SharedMemory(20_000)
    const { store } = memory.attach()
    for (let i = 0; i < 560; i++) await put(store, `document ${i}`)
    for (let thread = 1; thread <= 32; thread++)
      expect(spends(memory.attach().store, `key-${thread}`)).toBe(true)
  })

  it.each([1, 7, 100, 1001, 8192])('are each in one place where %i keys may come', async (maxKeys) => {
    const memory = new SharedMemory(maxKeys)
    const stores = Array.from({ length: 8 }, () => memory.attach().store)
    const fill = async (): Promise<number> => {
      for (let i = 0; ; i++) {
        const wasPut = await put(stores[i % 8] as SharedArrayStore, `document ${i}`).catch(String)
        if (wasPut !== true) expect(wasPut).toMatch('is full: give sharedMemoryStore a larger maxKeys')
        if (wasPut !== true) return i
      }
    }
    const documents = await fill()
    // All but what a document and seven threads leave.
    expect(documents).toBeGreaterThan(memory.map.chunkCount / 145 - 12)
    expect(audit(memory.map)).toEqual(untouched)
    await stores[3]?.clear()
    expect(audit(memory.map)).toEqual(untouched)
    expect(await fill()).toBeGreaterThan(documents - 8)
  })

  it('let no key that is new take room of those that are there, and take the last for what must be kept', async () => {
    const memory = new SharedMemory(1000)
    const { store } = memory.attach()
    spends(store, 'old')
    while ((await put(store, `document ${Math.random()}`).catch(() => false)) === true);
    expect(spends(store, 'new')).toBe(true)
    expect(store.stats()).toMatchObject({ keys: 1, overflowed: 1 })
  })
})
