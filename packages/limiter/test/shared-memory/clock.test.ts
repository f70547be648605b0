import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { WAIT } from '../../src/core/algorithm.ts'
import { threadTime } from '../../src/stores/shared-memory/thread-time.ts'
import { freshBudget } from '../guarantees/arbitraries.ts'
import { SharedMemory } from './memory.ts'

const S = 1_000_000
const bucket = freshBudget({ algorithm: 'token-bucket', limit: '5/s' })

/** Threads whose clocks are ahead of the time of all by so many microseconds each. */
function threadsAhead(aheadUs: readonly number[]) {
  const memory = new SharedMemory()
  const { clock } = memory
  const stores = aheadUs.map((ahead) => {
    const now = (): number => clock.now() + ahead
    return memory.attach({ now, fresh: now, aheadMaxUs: S }).store
  })
  const spend = (thread: number, cost = 1): { now: number; wait: number } => {
    const verdicts = stores[thread]?.decideSync('consume', [{ budget: bucket, key: 'key', cost }])
    return { now: verdicts?.now ?? 0, wait: Number(verdicts?.numbers[WAIT]) }
  }
  return { clock, spend }
}

describe('time on memory that threads share', () => {
  it('never goes back behind a spend of a key, however the clocks of threads differ', () => {
    const aheads = fc.array(fc.nat(400), { minLength: 2, maxLength: 4 })
    const steps = fc.array(fc.record({ us: fc.nat(300_000), thread: fc.nat(3) }), { maxLength: 60 })
    fc.assert(
      fc.property(aheads, steps, (aheadUs, list) => {
        const { clock, spend } = threadsAhead(aheadUs)
        const start = clock.now()
        let last = start
        let admitted = 0
        for (const { us, thread } of list) {
          clock.advanceUs(us % 3 === 0 ? us % 7 : us)
          const { now, wait } = spend(thread % aheadUs.length)
          expect(now).toBeGreaterThanOrEqual(last)
          expect(now).toBeLessThanOrEqual(clock.now() + Math.max(...aheadUs))
          if (wait > 0) continue
          last = now
          admitted++
        }
        expect(admitted).toBeLessThanOrEqual(5 + (5 * (last - start)) / S)
      }),
      { numRuns: 60 },
    )
  })

  it('stands still for a key where all clocks go back by less than a second', () => {
    const { clock, spend } = threadsAhead([0, 20])
    const before = spend(0, 5)
    clock.set(clock.now() - S / 2)
    expect(spend(1)).toEqual({ now: before.now, wait: S / 5 })
    clock.advanceUs(S / 2)
    expect(spend(1).now).toBe(before.now + 20)
  })

  it('goes back where all clocks do by more, which mints nothing and adds at most the time to drain', () => {
    const { clock, spend } = threadsAhead([0, 20])
    spend(0, 5)
    clock.set(clock.now() - 3600 * S)
    expect(spend(1)).toEqual({ now: clock.now() + 20, wait: S / 5 })
    clock.advanceUs(S / 5)
    expect(spend(0).wait).toBe(20)
    expect(spend(1).wait).toBe(0)
  })
})

describe('the clock of threads', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date', 'performance', 'hrtime'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })
  /** What two threads read, at once. */
  const twoClocks = (): (() => [number, number]) => {
    const { map } = new SharedMemory()
    const [first, second] = [threadTime(map), threadTime(map)]
    return () => [first.fresh(), second.fresh()]
  }

  it('is one, and stands still until the wall clock has caught up where that was set back a little', () => {
    const read = twoClocks()
    const [start] = read()
    let last = start
    vi.setSystemTime(Date.now() - 700)
    for (let ms = 0; ms < 5000; ms += 50) {
      vi.advanceTimersByTime(50)
      const [first, second] = read()
      expect(second).toBe(first)
      expect(first).toBeGreaterThanOrEqual(last)
      last = first
    }
    expect(last - start).toBeLessThanOrEqual((5000 - 700) * 1000 + 1000)
  })

  it('is set back within a second, for all at once, where the wall clock was set back by more', () => {
    const read = twoClocks()
    const [start] = read()
    vi.setSystemTime(Date.now() - 60_000)
    vi.advanceTimersByTime(1001)
    const [first, second] = read()
    expect(second).toBe(first)
    expect(first).toBeLessThan(start - 58_000_000)
  })

  it('follows a wall clock that is set forward, within a second', () => {
    const read = twoClocks()
    const [start] = read()
    vi.setSystemTime(Date.now() + 60_000)
    vi.advanceTimersByTime(1001)
    const [first, second] = read()
    expect(second).toBe(first)
    expect(first).toBeGreaterThan(start + 60_000_000)
  })
})
