import { describe, expect, it } from 'vitest'
import { createLimiter } from '../../src/create-limiter.ts'
import { guarded } from '../../src/entries/resilience.ts'
import { countedReplicas } from '../../src/resilience/fallback/replicas.ts'
import { manualClock } from '../../src/testing/manual-clock.ts'
import { ControllableStore, turn, unprobed } from './controllable-store.ts'

function bench({ random = 0.5, min = 1 } = {}) {
  const clock = manualClock()
  const told: { id: string; lifetimeMs: number; at: number }[] = []
  const counts: number[] = []
  let answer: () => Promise<number> = async () => 1
  const replicas = countedReplicas(
    (id, lifetimeMs) => {
      told.push({ id, lifetimeMs, at: (clock.now() - start) / 1000 })
      return answer()
    },
    { min, clock, random: () => random },
  )
  const begin = (): void => replicas.start(() => counts.push(replicas.count()))
  const start = clock.now()
  return {
    clock,
    told,
    counts,
    replicas,
    begin,
    async beat(next: () => Promise<number>): Promise<number> {
      answer = next
      clock.advance(2500)
      await turn()
      return replicas.count()
    },
  }
}

describe('counting replicas', () => {
  it('is 1 before the first answer, and begins once', async () => {
    const { replicas, told } = bench()
    expect(replicas.count()).toBe(1)
    await turn()
    expect(told).toEqual([])
    replicas.start()
    replicas.start()
    await turn()
    expect(told).toHaveLength(1)
    replicas.stop()
  })

  it.each([
    [0, 1500],
    [0.5, 2000],
    [1, 2500],
  ])(
    'gives a sign of life every 2 s, a quarter more or less by chance (%f: %d ms), that lives 6 s',
    async (random, ms) => {
      const { clock, replicas, told } = bench({ random })
      replicas.start()
      for (let i = 0; i < 3; i++) {
        await turn()
        clock.advance(ms)
      }
      await turn()
      expect(told.map(({ at }) => at)).toEqual([0, ms, 2 * ms, 3 * ms])
      expect(new Set(told.map(({ id }) => id)).size).toBe(1)
      expect(told[0]?.lifetimeMs).toBe(6000)
      replicas.stop()
      expect(clock.pending).toBe(0)
    },
  )

  it('keeps the last count while the store fails, and believes less only after a lifetime', async () => {
    const { replicas, beat } = bench()
    replicas.start()
    await turn()
    expect(await beat(async () => 8)).toBe(8)
    expect(await beat(() => Promise.reject(new Error('down')))).toBe(8)
    // Back, but empty: the others are heard of one by one.
    expect(await beat(async () => 1)).toBe(8)
    expect(await beat(async () => 3)).toBe(8)
    expect(await beat(async () => 8)).toBe(8)
    expect(await beat(async () => 5)).toBe(8)
    expect(await beat(async () => 5)).toBe(8)
    expect(await beat(async () => 5)).toBe(5)
    expect(await beat(async () => 9)).toBe(9)
    replicas.stop()
  })

  it('is never below the least, before the first answer or by what the store has heard of', async () => {
    const { replicas, beat } = bench({ min: 4 })
    expect(replicas.count()).toBe(4)
    replicas.start()
    await turn()
    expect(await beat(async () => 1)).toBe(4)
    expect(await beat(async () => 9)).toBe(9)
    replicas.stop()
  })

  it('tells of each answer when it counts, and of no failure', async () => {
    const { replicas, begin, beat, counts } = bench()
    begin()
    await turn()
    await beat(async () => 3)
    await beat(async () => {
      throw new Error('down')
    })
    await beat(async () => 4)
    expect(counts).toEqual([1, 3, 4])
    replicas.stop()
  })

  it('ends when it is stopped, even where an answer is still to come', async () => {
    const { clock, replicas, told } = bench()
    replicas.start()
    await Promise.resolve()
    replicas.stop()
    await turn()
    expect(clock.pending).toBe(0)
    expect(told).toHaveLength(1)
  })
})

describe('replicas of a limiter', () => {
  it('are counted from the first decision on, until it is closed', async () => {
    const store = new ControllableStore()
    const clock = manualClock()
    const limiter = createLimiter({ limit: '100/s', store: guarded(store), clock })
    await turn()
    expect(store.calls).toEqual([])
    await limiter.consume('alice')
    await turn()
    expect(store.count('heartbeat')).toBe(1)
    expect(limiter.health().replicas).toBe(4)
    await limiter.close()
    expect(clock.pending).toBe(0)
    expect(store.count('close')).toBe(0)
  })

  it('share the limits by the least count while the store has heard of fewer', async () => {
    const store = new ControllableStore()
    store.manner = 'fail'
    const limiter = createLimiter({
      limit: '100/h',
      store: guarded(store),
      minReplicas: 4,
      clock: manualClock(),
    })
    let admitted = 0
    while ((await limiter.consume('alice')).allowed) admitted++
    expect(admitted).toBe(25)
    await limiter.close()
  })

  it('are one where the store cannot count, and those given otherwise', async () => {
    const store = unprobed(new ControllableStore())
    expect(createLimiter({ limit: '1/s', store: guarded(store) }).health().replicas).toBe(1)
    const least = createLimiter({ limit: '1/s', store: guarded(store), minReplicas: 4 })
    expect(least.health().replicas).toBe(4)
    const given = createLimiter({ limit: '1/s', store: guarded(new ControllableStore()), replicas: 12 })
    expect(given.health().replicas).toBe(12)
  })
})
