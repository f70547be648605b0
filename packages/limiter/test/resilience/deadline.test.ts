import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { StoreTimeout } from '../../src/core/store-timeout.ts'
import { withDeadline } from '../../src/resilience/deadline.ts'
import { manualClock } from '../../src/testing/manual-clock.ts'
import { ControllableStore, outcome, turn } from './controllable-store.ts'

function bench(deadlineMs = 15) {
  const store = new ControllableStore()
  const clock = manualClock()
  const elapsed: number[] = []
  const bounded = withDeadline(store, { deadlineMs, clock, onAnswer: (us) => elapsed.push(us) })
  return { store, clock, bounded, elapsed, decide: (ms?: number) => bounded.decide('consume', [], ms) }
}

function timeout(deadlineMs: number, blame: string): unknown {
  return {
    error: expect.objectContaining({
      code: 'store-unavailable',
      cause: expect.objectContaining({ name: 'StoreTimeout', deadlineMs, blame }),
    }),
  }
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
        : (bounded[method]?.([] as never, 1 as never) as Promise<unknown>)
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

  it('says that the process was stalled when the timer itself came late', async () => {
    const { store, clock, decide } = bench()
    store.manner = 'hang'
    const asked = decide()
    const expiresAt = clock.now() + 15_000
    clock.set(expiresAt + 5001)
    clock.advance(1)
    expect(await outcome(asked)).toEqual(timeout(15, 'process'))
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

  it('takes the shorter deadline of a caller, who is then to blame', async () => {
    const { store, clock, decide } = bench()
    store.manner = 'hang'
    const asked = [decide(4.9), decide(40)]
    clock.advance(4)
    expect(await Promise.all(asked.map(outcome))).toEqual([timeout(4, 'caller'), 'pending'])
    clock.advance(11)
    expect(await outcome(asked[1] as Promise<unknown>)).toEqual(timeout(15, 'store'))
  })

  it('does not ask the store for a caller who cannot wait', async () => {
    const { store, decide } = bench()
    expect(await outcome(decide(0))).toEqual(timeout(0, 'caller'))
    expect(store.calls).toEqual([])
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
    store.manner = 'hang'
    const asked = decide()
    bounded.stop()
    clock.advance(15)
    expect(await outcome(asked)).toEqual(timeout(15, 'store'))
    expect(clock.pending).toBe(0)
  })

  it('is of the store alone where only callers set deadlines', async () => {
    const { store, clock, decide } = bench(Number.POSITIVE_INFINITY)
    store.manner = 'hang'
    const asked = [decide(), decide(1000)]
    clock.advance('1d')
    expect(await Promise.all(asked.map(outcome))).toEqual(['pending', timeout(992, 'caller')])
  })

  it.each([0, -1, Number.NaN, '15'])('refuses %s as its length', (deadlineMs) => {
    expect(() => withDeadline(new ControllableStore(), { deadlineMs: deadlineMs as number })).toThrow(
      /withDeadline\.deadlineMs/,
    )
  })

  it('settles every call in time, whatever the store does and when, with few timers', async () => {
    const step = fc.record({
      waitUs: fc.integer({ min: 0, max: STEP_US }),
      callerMs: fc.option(fc.integer({ min: 0, max: 30 }), { nil: undefined }),
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
        for (const [i, { waitUs, callerMs, settle, after }] of steps.entries()) {
          const startUs = clock.now()
          const allowedUs = Math.min(15, callerMs ?? 15) * 1000
          asked++
          void decide(callerMs)
            .catch((reason: { cause: unknown }) => {
              if (reason.cause instanceof StoreTimeout && clock.now() - startUs > allowedUs + 2 * STEP_US)
                late++
            })
            .finally(() => settled++)
          clock.advanceUs(waitUs)
          await turn()
          if (settle !== 'never') store.hanging[Math.max(0, i - after)]?.[settle]()
          expect(clock.pending).toBeLessThanOrEqual(17)
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
