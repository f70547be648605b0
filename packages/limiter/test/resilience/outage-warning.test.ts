import { describe, expect, it } from 'vitest'
import { HeadgateError } from '../../src/core/errors.ts'
import { timeoutError } from '../../src/core/store-timeout.ts'
import { createLimiter } from '../../src/create-limiter.ts'
import { guarded } from '../../src/entries/resilience.ts'
import { OutageWarning } from '../../src/resilience/breaker/outage-warning.ts'
import { manualClock } from '../../src/testing/manual-clock.ts'
import { ControllableStore, down, turn, unprobed } from './controllable-store.ts'

function bench() {
  const told: { code: string; message: string }[] = []
  const warning = new OutageWarning((code, message) => told.push({ code, message }))
  const store = new ControllableStore()
  const clock = manualClock()
  const tell = (cause: unknown, of = store): Promise<void> =>
    warning.emitOnce({ store: of, deadlineMs: 15, clock, cause })
  return { told, store, clock, tell }
}

/** Answers pings, each after so many milliseconds. */
async function answerPings({ store, clock }: ReturnType<typeof bench>, ...waitsMs: number[]): Promise<void> {
  for (const [i, ms] of waitsMs.entries()) {
    await turn()
    clock.advance(ms)
    store.hanging[i]?.answer()
  }
  await turn()
}

describe('the warning of an outage', () => {
  it('says the cause, with a code, and no credentials', async () => {
    const { told, store, tell } = bench()
    await tell(
      new HeadgateError('store-unavailable', 'Redis did not decide: WRONGPASS at redis://me:secret@host'),
    )
    expect(told).toEqual([
      {
        code: 'HEADGATE_STORE_UNAVAILABLE',
        message: expect.stringMatching(/: Redis did not decide: WRONGPASS at redis:\/\/\*\*\*@host$/),
      },
    ])
    expect(store.calls).toEqual([])
  })

  it('is given once, however often the store fails', async () => {
    const { told, tell } = bench()
    for (let i = 0; i < 3; i++) await tell(down())
    expect(told).toHaveLength(1)
  })

  it('names a deadline below the round trip, the shortest of three, and says what to do', async () => {
    const all = bench()
    all.store.manner = 'hang'
    const telling = all.tell(timeoutError(15, 'store'))
    await answerPings(all, 80, 20, 25)
    await telling
    expect(all.told[0]?.message).toMatch(
      /no answer within 15 ms.*; the deadline of 15 ms is below the round trip of 20 ms; raise deadlineMs$/,
    )
    expect(all.clock.pending).toBe(0)
  })

  it('says nothing of the deadline where the round trip is shorter, or nobody knows it', async () => {
    const near = bench()
    near.store.manner = 'hang'
    const telling = near.tell(timeoutError(15, 'store'))
    await answerPings(near, 80, 3, 3)
    await telling
    expect(near.told[0]?.message).not.toContain('round trip')
    const blind = bench()
    await blind.tell(timeoutError(15, 'store'), unprobed(blind.store))
    expect(blind.told[0]?.message).not.toContain('round trip')
    const gone = bench()
    gone.store.manner = 'fail'
    await gone.tell(timeoutError(15, 'store'))
    expect(gone.told[0]?.message).not.toContain('round trip')
  })

  it('waits for a second at most, with what was measured by then', async () => {
    const all = bench()
    all.store.manner = 'hang'
    const telling = all.tell(timeoutError(15, 'store'))
    await answerPings(all, 40)
    expect(all.told).toEqual([])
    all.clock.advance(960)
    await telling
    expect(all.told[0]?.message).toContain('the round trip of 40 ms')
  })

  it('is given once in a process, by the first limiter whose breaker opens', async () => {
    const told: unknown[] = []
    const note = (warning: Error & { code?: string }): unknown =>
      warning.code === 'HEADGATE_STORE_UNAVAILABLE' && told.push(warning.message)
    process.on('warning', note)
    for (let i = 0; i < 2; i++) {
      const store = new ControllableStore()
      const limiter = createLimiter({ limit: '1/s', store: guarded(store), clock: manualClock() })
      await limiter.consume('alice')
      store.manner = 'fail'
      expect(told).toHaveLength(i)
      for (let n = 0; n < 6; n++) await limiter.consume('alice')
      await turn()
      await limiter.close()
    }
    process.off('warning', note)
    expect(told).toEqual([expect.stringContaining('connection refused')])
  })
})
