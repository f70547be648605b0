import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DecideOptions, Store, Verdicts } from '../../src/core/store.ts'
import { withAnswerTime } from '../../src/entries/resilience.ts'
import { manualClock } from '../../src/testing/manual-clock.ts'
import { freshBudget } from '../guarantees/arbitraries.ts'
import { ControllableStore, outcome, turn } from './controllable-store.ts'
import { pass } from './distant-store.ts'
import { GroupingStore } from './grouping-store.ts'

function bench() {
  const store = new ControllableStore()
  store.manner = 'hang'
  const clock = manualClock()
  const inTime = withAnswerTime(store, { clock })
  return {
    store,
    clock,
    inTime,
    decide: (deadlineMs?: number) => inTime.decide('consume', [], { deadlineMs }),
  }
}

function timeout(deadlineMs: number): unknown {
  const cause = expect.objectContaining({ name: 'StoreTimeout', deadlineMs, blame: 'overload' })
  return { error: expect.objectContaining({ code: 'store-unavailable', cause }) }
}

describe('an answer time', () => {
  it('is a second, to the microsecond, whoever is at fault', async () => {
    const { clock, decide } = bench()
    const asked = decide()
    clock.advanceUs(999_999)
    expect(await outcome(asked)).toBe('pending')
    clock.advanceUs(1)
    expect(await outcome(asked)).toEqual(timeout(1000))
    expect(clock.pending).toBe(0)
  })

  it('is the deadline of the caller where there is one, shorter or longer', async () => {
    const { clock, decide } = bench()
    const asked = [4.9, 40, 2000, Number.POSITIVE_INFINITY].map((ms) =>
      outcome(decide(ms).catch((error) => ({ error }))),
    )
    clock.advance(4)
    expect(await Promise.all(asked)).toEqual([timeout(4), 'pending', 'pending', 'pending'])
    const [short, long] = [decide(40), decide(2000)]
    clock.advance(40)
    expect([await outcome(short), await outcome(long)]).toEqual([timeout(40), 'pending'])
    clock.advance(1960)
    expect(await outcome(long)).toEqual(timeout(1984))
  })

  it('does not ask the store for a caller who cannot wait', async () => {
    const { store, decide } = bench()
    expect(await outcome(decide(0))).toEqual(timeout(0))
    expect(store.calls).toEqual([])
  })

  it('prefers an answer that arrives in the poll phase after the timer, and drops what comes later', async () => {
    const { store, clock, decide } = bench()
    const [first, second] = [decide(5), outcome(decide(5).catch((error) => ({ error })))]
    clock.advance(5)
    store.hanging[0]?.answer()
    expect(await outcome(first)).toMatchObject({ source: 'store' })
    expect(await second).toEqual(timeout(5))
    store.hanging[1]?.answer()
    await turn()
    expect(clock.pending).toBe(0)
  })

  it('says to the store what is left to it, and whether anybody still waits', async () => {
    const given: DecideOptions[] = []
    const silent: Store = Object.assign(new ControllableStore(), {
      decide: (_verb: unknown, _requests: unknown, options: DecideOptions) => {
        given.push(options)
        return new Promise<Verdicts>(() => {})
      },
    })
    const clock = manualClock()
    const inTime = withAnswerTime(silent, { clock })
    let outer = true
    const asked = inTime.decide('consume', [], { deadlineMs: 10, onSend: () => outer })
    const [options] = given
    expect([options?.deadlineMs, options?.onSend?.()]).toEqual([10, true])
    outer = false
    expect(options?.onSend?.()).toBe(false)
    outer = true
    clock.advance(10)
    expect(await outcome(asked)).toEqual(timeout(10))
    expect(options?.onSend?.()).toBe(false)
  })

  it('sends nothing that nobody waits for: it is charged at most once, and mostly not at all', async () => {
    const clock = manualClock()
    const store = new GroupingStore(clock, { size: 1, callUs: 10_000 })
    const inTime = withAnswerTime(store, { clock })
    const budget = freshBudget({ limit: '1000/day' })
    const asked = Array.from({ length: 10 }, () =>
      inTime.decide('consume', [{ budget, key: 'a', cost: 1 }], { deadlineMs: 30 }).then(
        () => 'answered',
        () => 'late',
      ),
    )
    await turn()
    await pass(clock, 200_000, 1000)
    const answered = (await Promise.all(asked)).filter((one) => one === 'answered').length
    expect(answered).toBeGreaterThanOrEqual(2)
    expect([answered, answered + 1]).toContain(store.sent)
    expect(store.sent + store.skipped).toBe(10)
    const { numbers } = await store.inner.decide('peek', [{ budget, key: 'a', cost: 0 }])
    expect(1000 - (numbers[1] as number)).toBe(store.sent)
  })

  it('bounds every decision, with as many timers as there are lengths', async () => {
    const step = fc.record({ waitUs: fc.nat(6000), deadlineMs: fc.nat(40), answers: fc.boolean() })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const { store, clock, decide } = bench()
        let late = 0
        let settled = 0
        for (const { waitUs, deadlineMs, answers } of steps) {
          const startUs = clock.now()
          const done = (): void => {
            settled++
            if (clock.now() - startUs > deadlineMs * 1000 + 2 * 6000) late++
          }
          decide(deadlineMs).then(done, done)
          clock.advanceUs(waitUs)
          await turn()
          if (answers) store.hanging.pop()?.answer()
          expect(clock.pending).toBeLessThanOrEqual(32)
        }
        for (let i = 0; i < 12; i++) {
          clock.advanceUs(6000)
          await turn()
        }
        expect({ settled, late, pending: clock.pending }).toEqual({
          settled: steps.length,
          late: 0,
          pending: 0,
        })
      }),
      { numRuns: 100 },
    )
  })

  it.each([0, -1, Number.NaN])('refuses %s as its length', (answerMs) => {
    expect(() => withAnswerTime(new ControllableStore(), { answerMs })).toThrow(/withAnswerTime\.answerMs/)
  })
})
