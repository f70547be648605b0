import { describe, expect, it } from 'vitest'
import { type SharedMemoryStore, sharedMemoryStore } from '../../src/stores/shared-memory/index.ts'
import { openMemory } from '../../src/stores/shared-memory/memory-map.ts'
import { randomOf, seedOfRun } from '../parity/random.ts'
import { audit, untouched } from './audit.ts'
import type { Order } from './orders.ts'
import { Spender, spendHere, spentOf, sumOf } from './spender.ts'

const THREADS = 8
const ROUNDS = 12
const order: Order = {
  policy: 'policy',
  rules: [{ limit: '100000/day' }, { algorithm: 'token-bucket', limit: '100000/365days' }],
  decisions: 1,
  together: 2,
  keys: 2,
  seed: 1,
}

/** Does something with threads that share a memory, and ends those that are still there. */
async function withThreads(
  maxKeys: number,
  count: number,
  act: (spenders: Spender[], store: SharedMemoryStore) => Promise<void>,
): Promise<void> {
  const store = sharedMemoryStore({ maxKeys })
  const spenders = Array.from({ length: count }, () => new Spender(store))
  try {
    await act(spenders, store)
  } finally {
    await Promise.all(spenders.map((spender) => spender.end()))
  }
}

describe('threads that share memory, for long', () => {
  it(
    'lose no spend of a million keys at random',
    () =>
      withThreads(1_000_000, THREADS, async (spenders, store) => {
        const one = { ...order, rules: [{ limit: '1000/day' }], decisions: 150_000, keys: 1_000_000 }
        const parts = await Promise.all(
          spenders.map((spender, seed) => spender.spend({ ...one, together: 1 + (seed % 2), seed })),
        )
        const admitted = sumOf(parts)
        expect(admitted.reduce((sum, units) => sum + units, 0)).toBe(THREADS * 150_000 * 1.5)
        expect(spentOf(store, one, 1000)).toEqual(admitted)
        expect(audit(openMemory(store.memory))).toEqual(untouched)
      }),
    300_000,
  )

  it(
    'stay exact, with each of two of them standing still at every step of the other',
    () =>
      withThreads(1000, 2, async ([first, second], store) => {
        if (first === undefined || second === undefined) throw new Error('two threads')
        let expected = 0
        for (let one = 0, stands = true; stands; one += 2) {
          stands = false
          for (let other = 0, stands2 = true; stands2; other += 3) {
            const a = await first.stop({ ...order, stopAt: one })
            const b = await second.stop({ ...order, stopAt: other })
            stands ||= a.stands
            stands2 = b.stands
            expected += 2 + spendHere(store, order, 2)
            first.goOn()
            expect(await a.admitted).toEqual(Uint32Array.of(1, 1))
            second.goOn()
            expect(await b.admitted).toEqual(Uint32Array.of(1, 1))
          }
        }
        expect(spentOf(store, order, 100_000)).toEqual([expected, expected])
        expect(audit(openMemory(store.memory))).toEqual(untouched)
      }),
    300_000,
  )

  it(
    'lose at most one spend each where they end at any step, and leave their places and their chunks',
    () =>
      withThreads(1000, 0, async (spenders, store) => {
        let [least, most] = [0, 0]
        for (let stopAt = 0, stands = true; stands; stopAt++) {
          const spender = new Spender(store)
          spenders.push(spender)
          stands = (await spender.stop({ ...order, stopAt })).stands
          await spender.end()
          const [spent, other] = spentOf(store, order, 100_000)
          expect(other).toBe(spent)
          if (!stands) least++
          most++
          expect(spent).toBeGreaterThanOrEqual(least)
          expect(spent).toBeLessThanOrEqual(most)
          least = spent as number
        }
        expect(most).toBeGreaterThan(10)
        const { faults, lostChunks, overcounted } = audit(openMemory(store.memory))
        expect(faults).toEqual([])
        expect(lostChunks).toBeLessThanOrEqual(most * 300)
        expect(overcounted).toBeLessThanOrEqual(most * 2)
      }),
    300_000,
  )

  it(
    'are held up by none of those that end while they decide',
    () =>
      withThreads(10_000, THREADS, async (spenders, store) => {
        const random = randomOf(seedOfRun('threads that end'))
        const limit = 100_000_000
        const one = { ...order, rules: [{ limit: `${limit}/day` }], decisions: 1_000_000_000 }
        const busy = { ...one, keys: 40, decisions: 20_000 }
        let ended = 0
        let mine = 0
        for (let round = 0; round < ROUNDS; round++) {
          const lost = Array.from({ length: 2 }, () => new Spender(store))
          for (const spender of lost) spender.spend({ ...one, keys: 40, seed: round }).catch(() => {})
          const parts = await Promise.all(
            spenders.map((spender) => spender.spend({ ...busy, seed: random.below(2 ** 30) })),
          )
          mine += parts.reduce((sum, part) => sum + part.reduce((a, b) => a + b, 0), 0)
          await Promise.all(lost.map((spender) => spender.end()))
          ended += lost.length
        }
        expect(mine).toBe(ROUNDS * THREADS * 20_000 * 2)
        const all = spentOf(store, { ...one, keys: 40 }, limit).reduce((sum, units) => sum + units, 0)
        expect(all).toBeGreaterThanOrEqual(mine)
        // Both keys of every decision, or none.
        expect(all % 2).toBe(0)
        const { faults, lostChunks, overcounted } = audit(openMemory(store.memory))
        expect(faults).toEqual([])
        expect(lostChunks).toBeLessThanOrEqual(ended * 40)
        expect(overcounted).toBeLessThanOrEqual(ended * 2)
      }),
    300_000,
  )
})
