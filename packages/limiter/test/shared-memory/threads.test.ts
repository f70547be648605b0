import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sharedMemoryStore } from '../../src/stores/shared-memory/index.ts'
import { openMemory } from '../../src/stores/shared-memory/memory-map.ts'
import { audit, untouched } from './audit.ts'
import type { Order } from './orders.ts'
import { Spender, spendHere, spentOf, sumOf } from './spender.ts'

const THREADS = 8
const DECISIONS = 1200

const store = sharedMemoryStore({ maxKeys: 10_000 })
const map = openMemory(store.memory)
const spenders: Spender[] = []
let policies = 0

const order = (order: Partial<Order>): Order => ({
  policy: `policy-${policies++}`,
  rules: [{ limit: '1000/day' }],
  decisions: DECISIONS,
  together: 1,
  keys: 1,
  seed: policies,
  ...order,
})

const spendAll = (one: Order): Promise<Uint32Array[]> =>
  Promise.all(spenders.map((spender, i) => spender.spend({ ...one, seed: one.seed + i })))

describe('threads that share memory', () => {
  beforeAll(() => {
    for (let i = 0; i < THREADS; i++) spenders.push(new Spender(store))
  })
  afterAll(() => Promise.all(spenders.map((spender) => spender.end())))

  it.each([
    ['a token bucket', { algorithm: 'token-bucket', limit: '5000/365days' }, 5000],
    ['a sliding window', { limit: '5000/day' }, 5000],
    ['a sliding log', { algorithm: 'sliding-log', limit: '900/day' }, 900],
    ['a fixed window', { algorithm: 'fixed-window', limit: '5000/day' }, 5000],
  ] as const)('admit exactly the limit of one hot key: %s', async (_, rule, limit) => {
    const one = order({ rules: [rule] })
    const admitted = sumOf(await spendAll(one))
    expect(admitted).toEqual([limit])
    expect(spentOf(store, one, limit)).toEqual([limit])
  })

  it('lose no spend of many keys, each of which has all of its own', async () => {
    const one = order({ keys: 3000 })
    const admitted = sumOf(await spendAll(one))
    expect(admitted.reduce((sum, units) => sum + units, 0)).toBe(THREADS * DECISIONS)
    expect(spentOf(store, one, 1000)).toEqual(admitted)
  })

  it('spend from all keys of a decision or from none', async () => {
    const rules = [{ limit: '700/day' }, { algorithm: 'token-bucket', limit: '1000/365days' }]
    const one = order({ rules, keys: 10, together: 3 })
    const admitted = sumOf(await spendAll(one))
    expect(Math.max(...admitted)).toBe(700)
    expect(spentOf(store, one, 700)).toEqual(admitted)
    expect(audit(map)).toEqual(untouched)
  })

  it('go on while one of them stands still, at whatever step, which spends what it has said when it goes on', async () => {
    const [spender] = spenders as [Spender]
    for (let stopAt = 0, stands = true; stands; stopAt++) {
      const one = order({ decisions: 1, keys: 2, together: 2, stopAt })
      const stopped = await spender.stop(one)
      stands = stopped.stands
      // The main thread, which never waits for another one.
      expect(spendHere(store, one, 3)).toBe(3)
      spender.goOn()
      expect(await stopped.admitted).toEqual(Uint32Array.of(1, 1))
      expect(spentOf(store, one, 1000)).toEqual([4, 4])
      expect(audit(map)).toEqual(untouched)
    }
  })

  it('lose at most one spend where one of them ends in the middle', async () => {
    const ends = [3, 6, 9, 12].map(async (stopAt) => {
      const spender = new Spender(store)
      const one = order({ decisions: 1, keys: 2, together: 2, stopAt })
      const { stands } = await spender.stop(one)
      await spender.end()
      const [first, second] = spentOf(store, one, 1000)
      expect(first).toBe(second)
      expect([0, 1]).toContain(first)
      expect(stands).toBe(true)
    })
    await Promise.all(ends)
    const one = order({ keys: 2, together: 2 })
    expect(sumOf(await spendAll(one))).toEqual([1000, 1000])
    const { faults, lostChunks, overcounted } = audit(map)
    expect(faults).toEqual([])
    expect(lostChunks).toBeLessThanOrEqual(4 * 40)
    expect(overcounted).toBeLessThanOrEqual(4 * 2)
  })
})
