import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LeasingStore, ProbedStore } from '../../src/core/store.ts'
import { StoreTimeout } from '../../src/core/store-timeout.ts'
import { withDeadline } from '../../src/resilience/deadline/deadline.ts'
import { manualClock } from '../../src/testing/manual-clock.ts'
import { freshBudget } from '../guarantees/arbitraries.ts'
import { ControllableStore, down, outcome, turn } from './controllable-store.ts'
import { pass } from './distant-store.ts'
import { GroupingStore } from './grouping-store.ts'

function bench(deadlineMs = 15) {
  const store = new ControllableStore()
  const clock = manualClock()
  const elapsed: number[] = []
  const bounded = withDeadline(store, { deadlineMs, clock, onAnswer: (us) => elapsed.push(us) })
  return { store, clock, bounded, elapsed, decide: () => bounded.decide('consume', []) }
}

function timeout(deadlineMs: number, blame: string): unknown {
  return {
    error: expect.objectContaining({
      code: 'store-unavailable',
      cause: expect.objectContaining({ name: 'StoreTimeout', deadlineMs, blame }),
    }),
  }
}

/** What comes of a promise, as a value. */
function settled<T>(promise: Promise<T>): Promise<T | { error: unknown }> {
  return promise.catch((error: unknown) => ({ error }))
}

/** Farthest that the clock moves before the loop turns: a timer may come that late, and the next one again. */
const STEP_US = 6000

describe('a deadline', () => {
  it('lets an answer through, and its timer ends by itself', async () => {
    const { clock, decide } = bench()
    expect(await decide()).toMatchObject({ source: 'store' })
    expect(clock.pending).toBe(1)
    clock.advance(15)
    expect(clock.pending).toBe(0)
  })

  it('rejects when it has passed, and not a microsecond before', async () => {
    const { store, clock, decide } = bench()
    store.manner = 'hang'
    const asked = decide()
    clock.advanceUs(14_999)
    expect(await outcome(asked)).toBe('pending')
    clock.advanceUs(1)
    expect(await outcome(asked)).toEqual(timeout(15, 'store'))
    expect(clock.pending).toBe(0)
  })

  it.each(['decide', 'refund', 'reset', 'ping', 'heartbeat'] as const)('bounds %s', async (method) => {
    const { store, clock, bounded } = bench()
    store.manner = 'hang'
    const asked: Promise<unknown> =
      method === 'decide'
        ? bounded.decide('peek', [])
        : ((bounded as ProbedStore & typeof bounded)[method]([] as never, 1 as never) as Promise<unknown>)
    clock.advance(15)
    expect(await outcome(asked)).toEqual(timeout(15, 'store'))
  })

  it('drops what comes too late, be it an answer or a failure', async () => {
    const { store, clock, decide } = bench()
    store.manner = 'hang'
    const asked = [decide(), decide()]
    clock.advance(15)
    expect(await Promise.all(asked.map(outcome))).toEqual([timeout(15, 'store'), timeout(15, 'store')])
    store.hanging[0]?.answer()
    store.hanging[1]?.fail()
    await turn()
    expect(clock.pending).toBe(0)
  })

  it('prefers an answer that arrives in the poll phase after the timer', async () => {
    const { store, clock, decide } = bench()
    store.manner = 'hang'
    const asked = decide()
    clock.advance(15)
    store.hanging[0]?.answer()
    expect(await outcome(asked)).toMatchObject({ source: 'store' })
  })

  it('begins anew, once, where the timer itself came late: the process was stalled', async () => {
    const { store, clock, decide, elapsed } = bench()
    store.manner = 'hang'
    const asked = [decide(), decide()].map(settled)
    clock.set(clock.now() + 15_000 + 5001)
    clock.advance(1)
    await turn()
    const extendedAt = clock.now()
    clock.advanceUs(14_999)
    store.hanging[0]?.answer()
    expect(await outcome(asked[0] as Promise<unknown>)).toMatchObject({ source: 'store' })
    expect(await outcome(asked[1] as Promise<unknown>)).toBe('pending')
    clock.set(extendedAt + 15_000)
    clock.advance(1)
    expect(await outcome(asked[1] as Promise<unknown>)).toEqual(timeout(15, 'store'))
    expect(elapsed).toEqual([36_000, 15_000])
  })

  it('is held against the store after the second time, since a reply would have been read by then', async () => {
    const { store, clock, decide } = bench()
    store.manner = 'hang'
    const asked = settled(decide())
    for (let i = 0; i < 2; i++) {
      clock.set(clock.now() + 15_000 + 5001)
      clock.advance(1)
      await turn()
    }
    expect(await outcome(asked)).toEqual(timeout(15, 'store'))
    expect(clock.pending).toBe(0)
  })

  it('does not wait for another timer where one more has passed while answers were read', async () => {
    const { store, clock, decide } = bench()
    store.manner = 'hang'
    void decide().catch(() => {})
    clock.advance(1)
    const second = decide().catch((error: unknown) => ({ error }))
    clock.advance(14)
    // The poll phase took long, and what follows it begins late.
    clock.set(clock.now() + 4000)
    await turn()
    expect(await outcome(second)).toEqual(timeout(15, 'store'))
    expect(clock.pending).toBe(0)
  })

  it('passes a failure on as it is, and turns a throw into a rejection', async () => {
    const { store, decide } = bench()
    for (const manner of ['fail', 'throw'] as const) {
      store.manner = manner
      await expect(decide()).rejects.toMatchObject({ message: expect.stringContaining('connection refused') })
    }
  })

  it('tells how long each answer took, and of a timeout its length', async () => {
    const { store, clock, decide, elapsed } = bench()
    store.manner = 'hang'
    const asked = [decide(), decide()]
    clock.advance(7)
    store.hanging[0]?.answer()
    await asked[0]
    clock.advance(8)
    await outcome(asked[1] as Promise<unknown>)
    expect(elapsed).toEqual([7000, 15_000])
  })

  it('puts down a timer that nobody waits for, and keeps one that somebody does', async () => {
    const { store, clock, bounded, decide } = bench()
    await decide()
    bounded.stop()
    expect(clock.pending).toBe(0)
    await decide()
    expect(clock.pending).toBe(0)
    store.manner = 'hang'
    const asked = decide()
    expect(clock.pending).toBe(1)
    clock.advance(15)
    expect(await outcome(asked)).toEqual(timeout(15, 'store'))
    expect(clock.pending).toBe(0)
  })

  it('counts from when a decision is sent, where the store says when', async () => {
    const clock = manualClock()
    const store = new GroupingStore(clock, { size: 1, callUs: 10_000 })
    const elapsed: number[] = []
    const bounded = withDeadline(store, { clock, onAnswer: (us) => elapsed.push(us) })
    const budget = freshBudget({ limit: '9/s' })
    const asked = [1, 2, 3].map(() => bounded.decide('consume', [{ budget, key: 'a', cost: 1 }]))
    await turn()
    await pass(clock, 30_000, 1000)
    expect((await Promise.all(asked)).map(({ source }) => source)).toEqual(['store', 'store', 'store'])
    expect(elapsed).toEqual([10_000, 10_000, 10_000])
    store.manner = 'lose'
    const lost = bounded.decide('consume', [{ budget, key: 'a', cost: 1 }])
    const queued = bounded.decide('consume', [{ budget, key: 'a', cost: 1 }])
    await turn()
    await pass(clock, 14_000, 1000)
    const timedOut = outcome(lost)
    await pass(clock, 1000)
    expect(await timedOut).toEqual(timeout(15, 'store'))
    await pass(clock, 60_000, 1000)
    expect(await outcome(queued)).toBe('pending')
    bounded.rejectQueued(down())
    expect(await outcome(queued)).toMatchObject({ error: { message: expect.stringContaining('refused') } })
  })

  it('does not begin for what nobody waits for any more: that is not sent', async () => {
    const clock = manualClock()
    const store = new GroupingStore(clock, { size: 1 })
    const bounded = withDeadline(store, { clock })
    const request = { budget: freshBudget({ limit: '9/s' }), key: 'a', cost: 1 }
    const options = { deadlineMs: 7, onSend: () => false }
    expect(await outcome(bounded.decide('consume', [request], options))).toEqual(timeout(7, 'overload'))
    const acquired = (bounded as LeasingStore & typeof bounded).acquire(request, 1, options)
    expect(await outcome(acquired)).toEqual(timeout(7, 'overload'))
    const rejected = outcome(bounded.decide('consume', [request]))
    bounded.rejectQueued(down())
    expect(await rejected).toMatchObject({ error: { message: expect.stringContaining('refused') } })
    await turn()
    expect([store.sent, store.skipped, clock.pending]).toEqual([0, 3, 0])
  })

  it('asks a store that does not queue only while somebody waits', async () => {
    const { store, bounded, clock } = bench()
    expect(await outcome(bounded.decide('consume', [], { onSend: () => false }))).toEqual(
      timeout(0, 'overload'),
    )
    expect([store.calls, clock.pending]).toEqual([[], 0])
  })

  it.each([0, -1, Number.NaN, '15'])('refuses %s as its length', (deadlineMs) => {
    expect(() => withDeadline(new ControllableStore(), { deadlineMs: deadlineMs as number })).toThrow(
      /withDeadline\.deadlineMs/,
    )
  })

  it('settles every call in time, whatever the store does and when, with few timers', async () => {
    const step = fc.record({
      waitUs: fc.integer({ min: 0, max: STEP_US }),
      settle: fc.constantFrom('answer', 'fail', 'never'),
      after: fc.nat(8),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const { store, clock, decide } = bench()
        store.manner = 'hang'
        let late = 0
        let settled = 0
        let asked = 0
        for (const [i, { waitUs, settle, after }] of steps.entries()) {
          const startUs = clock.now()
          asked++
          void decide()
            .catch((reason: { cause: unknown }) => {
              // Twice, where its timer came late.
              if (reason.cause instanceof StoreTimeout && clock.now() - startUs > 2 * (15_000 + STEP_US))
                late++
            })
            .finally(() => settled++)
          clock.advanceUs(waitUs)
          await turn()
          if (settle !== 'never') store.hanging[Math.max(0, i - after)]?.[settle]()
          expect(clock.pending).toBeLessThanOrEqual(1)
        }
        for (let i = 0; i < 6; i++) {
          clock.advanceUs(STEP_US)
          await turn()
        }
        expect({ settled, late, pending: clock.pending }).toEqual({ settled: asked, late: 0, pending: 0 })
      }),
      { numRuns: 150 },
    )
  })
})
