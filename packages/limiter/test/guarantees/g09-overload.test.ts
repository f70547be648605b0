import { describe, expect, it } from 'vitest'
import type { Decision } from '../../src/core/decision.ts'
import type { OnStoreError } from '../../src/core/on-store-error.ts'
import { createLimiter } from '../../src/create-limiter.ts'
import { guarded } from '../../src/entries/resilience.ts'
import { manualClock } from '../../src/testing/manual-clock.ts'
import { turn } from '../resilience/controllable-store.ts'
import { pass } from '../resilience/distant-store.ts'
import { GroupingStore, type QueueOptions } from '../resilience/grouping-store.ts'

function bench(queue: QueueOptions, onStoreError: OnStoreError = 'local', limit = '100/min') {
  const clock = manualClock()
  const store = new GroupingStore(clock, queue)
  const limiter = createLimiter({ limit, store: guarded(store), onStoreError, clock, replicas: 1 })
  const decisions: Decision[] = []
  const burst = (size: number, keyOf: (i: number) => string = () => 'one', deadlineMs?: number): void => {
    const options = deadlineMs === undefined ? {} : { deadlineMs }
    for (let i = 0; i < size; i++)
      void limiter.consume(keyOf(i), options).then((decision) => decisions.push(decision))
  }
  const bySource = (): Record<string, number> => {
    const counts: Record<string, number> = {}
    for (const { source } of decisions) counts[source] = (counts[source] ?? 0) + 1
    return counts
  }
  return { clock, store, limiter, decisions, burst, bySource }
}

const modes: OnStoreError[] = ['local', 'open', 'closed']

describe('G9 a busy process is not a failing store', () => {
  it.each(modes)(
    '5,000 decisions in one turn on one key are all made by the store, which admits its 100: %s',
    async (mode) => {
      const { clock, limiter, decisions, burst, bySource } = bench({}, mode)
      burst(5000)
      await turn()
      await pass(clock, 200_000, 1000)
      const cached = bySource()['deny-cache'] ?? 0
      expect((bySource()['store'] ?? 0) + cached).toBe(5000)
      expect(decisions.filter(({ allowed }) => allowed)).toHaveLength(100)
      expect(limiter.health()).toMatchObject({ breaker: 'closed', overloads: 0, consecutiveFailures: 0 })
      await limiter.close()
      clock.advance('1s')
      expect(clock.pending).toBe(0)
    },
  )

  it('10,000 decisions in one turn on as many keys are all made by the store', async () => {
    const { clock, limiter, decisions, burst, bySource } = bench({})
    burst(10_000, (i) => `key-${i}`)
    await turn()
    await pass(clock, 300_000, 1000)
    expect(bySource()).toEqual({ store: 10_000 })
    expect(decisions.every(({ allowed }) => allowed)).toBe(true)
    await limiter.close()
  })

  it('a store that is healthy but too slow for all of them makes as many as it can; the others are made here in time', async () => {
    const { clock, store, limiter, decisions, burst, bySource } = bench({ size: 1 }, 'open', '100000/day')
    burst(3000)
    await turn()
    await pass(clock, 999_000, 1000)
    expect(decisions.length).toBe(999)
    await pass(clock, 1000)
    expect(decisions.length).toBe(3000)
    const { store: made = 0, open = 0 } = bySource()
    expect([made + open, made >= 999]).toEqual([3000, true])
    expect(limiter.health()).toMatchObject({ breaker: 'closed', overloads: open, decisions: { open } })
    // Nothing of what nobody waits for is sent any more.
    await pass(clock, 10_000, 1000)
    expect([store.sent - made <= 1, store.queued, store.sent + store.skipped]).toEqual([true, 0, 3000])
    await limiter.close()
  })

  it('callers with less time are answered when it ends, and what was not sent by then is not', async () => {
    const { clock, store, limiter, decisions, burst } = bench({ size: 1, callUs: 2000 }, 'open')
    burst(50, undefined, 5)
    await turn()
    await pass(clock, 5000, 1000)
    expect(decisions).toHaveLength(50)
    await pass(clock, 100_000, 1000)
    expect(store.sent).toBeLessThanOrEqual(3)
    expect(limiter.health()).toMatchObject({ breaker: 'closed', consecutiveFailures: 0 })
    expect(limiter.health().overloads).toBeGreaterThanOrEqual(47)
    await limiter.close()
  })

  it('a process that was stalled while an answer was on its way does not blame the store', async () => {
    const { clock, limiter, burst, bySource } = bench({ size: 10, callUs: 14_000 })
    for (let i = 0; i < 8; i++) {
      burst(10, (n) => `${i} ${n}`)
      await turn()
      clock.set(clock.now() + 60_000)
      await pass(clock, 1000)
    }
    expect(bySource()).toEqual({ store: 80 })
    expect(limiter.health()).toMatchObject({ breaker: 'closed', consecutiveFailures: 0 })
    await limiter.close()
  })
})

describe('G9 while the breaker is open', () => {
  it('what is queued is answered at once, also what was queued before it opened, and never sent', async () => {
    const { clock, store, limiter, decisions, burst, bySource } = bench({ size: 8 }, 'open')
    store.manner = 'lose'
    burst(1000)
    await turn()
    await pass(clock, 14_999)
    expect(decisions).toHaveLength(0)
    await pass(clock, 1)
    expect(bySource()).toEqual({ open: 1000 })
    expect(limiter.health()).toMatchObject({ breaker: 'open', overloads: 0, consecutiveFailures: 8 })
    burst(1)
    await turn()
    expect([bySource(), store.sent]).toEqual([{ open: 1001 }, 8])
    store.revive()
    await pass(clock, 600_000, 1000)
    expect(limiter.health().breaker).toBe('closed')
    expect([store.sent, store.skipped, store.queued]).toEqual([8, 992, 0])
    await limiter.close()
  })

  it('a lost reply charges at most once: what was sent is not sent again', async () => {
    const { clock, store, limiter, burst } = bench({ size: 3 }, 'open', '100/day')
    store.manner = 'lose'
    burst(20)
    await turn()
    await pass(clock, 1_100_000, 1000)
    expect(store.sent).toBe(3)
    store.revive()
    await pass(clock, 600_000, 1000)
    const peek = limiter.peek('one', { cost: 0 })
    await turn()
    await pass(clock, 1000)
    expect(await peek).toMatchObject({ source: 'store', remaining: 97 })
    await limiter.close()
  })
})
