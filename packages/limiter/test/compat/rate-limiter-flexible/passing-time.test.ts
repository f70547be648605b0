/** What takes time, in memory: both packages run on the timers of the test. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { inMemory } from './subject.ts'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

describe.each(inMemory)('as time passes, $side', ({ create }) => {
  it('all points come back when the duration is over, counted from the first of them', async () => {
    const limiter = create({ points: 2, duration: 10 })
    await limiter.consume('a')
    await vi.advanceTimersByTimeAsync(6000)
    expect(await limiter.consume('a')).toMatchObject({ msBeforeNext: 4000, remainingPoints: 0 })
    await vi.advanceTimersByTimeAsync(3999)
    await expect(limiter.consume('a')).rejects.toMatchObject({ remainingPoints: 0 })
    await vi.advanceTimersByTimeAsync(1)
    expect(await limiter.get('a')).toBeNull()
    const res = await limiter.consume('a')
    expect(res).toMatchObject({ consumedPoints: 1, isFirstInDuration: true, msBeforeNext: 10_000 })
  })

  it('a block ends after its seconds, and its key begins anew', async () => {
    const limiter = create({ points: 2, duration: 1 })
    await limiter.consume('a', 2)
    await limiter.block('a', 10)
    await vi.advanceTimersByTimeAsync(9999)
    await expect(limiter.consume('a')).rejects.toMatchObject({ remainingPoints: 0 })
    await vi.advanceTimersByTimeAsync(1)
    expect(await limiter.consume('a')).toMatchObject({ consumedPoints: 1 })
  })

  it('blockDuration ends too, and rejected calls meanwhile do not prolong it', async () => {
    const limiter = create({ points: 1, duration: 1, blockDuration: 10 })
    await limiter.consume('a')
    await expect(limiter.consume('a')).rejects.toMatchObject({ remainingPoints: 0 })
    await vi.advanceTimersByTimeAsync(9999)
    await expect(limiter.consume('a')).rejects.toMatchObject({ remainingPoints: 0 })
    await vi.advanceTimersByTimeAsync(1)
    expect(await limiter.consume('a')).toMatchObject({ consumedPoints: 1 })
  })

  it('execEvenly delays all but the first call', async () => {
    const limiter = create({ points: 5, duration: 10, execEvenly: true, execEvenlyMinDelayMs: 20 })
    const seen: number[] = []
    const begun = Date.now()
    for (let i = 0; i < 3; i++) {
      void limiter.consume('a').then(({ msBeforeNext }) => seen.push(Date.now() - begun, msBeforeNext))
    }
    await vi.advanceTimersByTimeAsync(10_000)
    expect(seen).toEqual([0, 10_000, 2000, 8000, 2500, 7500])
  })

  it('execEvenlyMinDelayMs is how long a delay lasts for each point that is consumed', async () => {
    const limiter = create({ points: 100, duration: 1, execEvenly: true, execEvenlyMinDelayMs: 50 })
    await limiter.consume('a', 3)
    let isAnswered = false
    void limiter.consume('a').then(() => {
      isAnswered = true
    })
    await vi.advanceTimersByTimeAsync(199)
    expect(isAnswered).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(isAnswered).toBe(true)
  })
})
