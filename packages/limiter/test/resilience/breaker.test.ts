import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HeadgateError } from '../../src/core/errors.ts'
import { timeoutError } from '../../src/core/store-timeout.ts'
import { withBreaker } from '../../src/resilience/breaker/breaker.ts'
import { type ManualClock, manualClock } from '../../src/testing/manual-clock.ts'
import { ControllableStore, down, outcome, turn, unprobed } from './controllable-store.ts'

function bench({ random = 0.999999, ping = true } = {}) {
  const store = new ControllableStore()
  const clock = manualClock()
  const opened: unknown[] = []
  const breaker = withBreaker(ping ? store : unprobed(store), {
    clock,
    random: () => random,
    onOpen: (refusal) => opened.push(refusal),
  })
  const decide = async (): Promise<string> =>
    breaker.decide('consume', []).then(
      () => 'answered',
      (reason: HeadgateError) => (reason.message.includes('left alone') ? 'refused' : 'failed'),
    )
  return { store, clock, breaker, opened, decide, state: () => breaker.health().breaker }
}

async function fail(times: number, { store, decide }: ReturnType<typeof bench>): Promise<void> {
  store.manner = 'fail'
  for (let i = 0; i < times; i++) expect(await decide()).toBe('failed')
}

describe('a breaker', () => {
  it('opens after five failures in a row and then refuses without asking', async () => {
    const all = bench()
    await fail(4, all)
    expect(all.state()).toBe('closed')
    await fail(1, all)
    expect(all.state()).toBe('open')
    const asked = all.store.calls.length
    expect(await all.decide()).toBe('refused')
    expect(all.store.calls.length).toBe(asked)
    await expect(all.breaker.decide('peek', [])).rejects.toMatchObject({
      code: 'store-unavailable',
      cause: expect.objectContaining({ message: expect.stringContaining('connection refused') }),
    })
  })

  it('refuses everybody with one error, also those who do not look at it', async () => {
    const all = bench()
    await fail(5, all)
    // Nobody waits for it: were it taken for unhandled, this process would end.
    void all.breaker.decide('consume', [])
    await turn()
    const reasons = await Promise.all([1, 2].map(() => all.breaker.decide('consume', []).catch((one) => one)))
    expect(reasons[0]).toBe(reasons[1])
  })

  it('begins to count anew with every success', async () => {
    const all = bench()
    await fail(4, all)
    all.store.manner = 'answer'
    expect(await all.decide()).toBe('answered')
    await fail(4, all)
    expect(all.state()).toBe('closed')
  })

  it.each([
    ['wrong use', new HeadgateError('invalid-rule', 'wrong')],
    ['an answer time that ended', timeoutError(1000, 'overload')],
  ])('does not count %s', async (_, reason) => {
    const all = bench()
    await fail(4, all)
    all.store.manner = 'hang'
    for (let i = 0; i < 10; i++) {
      const asked = all.decide()
      all.store.hanging[i]?.fail(reason)
      expect(await asked).toBe('failed')
    }
    expect(all.state()).toBe('closed')
    await fail(1, all)
    expect(all.state()).toBe('open')
  })

  it('counts what a driver throws, and timeouts of the store', async () => {
    const all = bench()
    all.store.manner = 'hang'
    const reasons = [new Error('ECONNRESET'), timeoutError(15, 'store'), 'text', down(), new TypeError('x')]
    for (const [i, reason] of reasons.entries()) {
      const asked = all.breaker.decide('consume', [])
      all.store.hanging[i]?.fail(reason)
      await outcome(asked)
    }
    expect(all.state()).toBe('open')
  })

  it('probes with ping after 50 ms, and closes when that succeeds', async () => {
    const all = bench()
    await fail(5, all)
    all.store.manner = 'hang'
    all.clock.advance(49)
    expect(all.store.count('ping')).toBe(0)
    all.clock.advance(1)
    await turn()
    expect(all.state()).toBe('half-open')
    expect(await all.decide()).toBe('refused')
    all.store.hanging.find(({ what }) => what === 'ping')?.answer()
    await turn()
    all.store.manner = 'answer'
    expect(all.state()).toBe('closed')
    expect(await all.decide()).toBe('answered')
    expect(all.clock.pending).toBe(0)
  })

  it('doubles the wait between probes up to 500 ms, and begins anew after a success', async () => {
    const all = bench()
    await fail(5, all)
    const waits = []
    for (let i = 0; i < 6; i++) waits.push(await nextProbe(all.store, all.clock))
    expect(waits).toEqual([50, 100, 200, 400, 500, 500])
    all.store.manner = 'answer'
    all.clock.advance(500)
    await turn()
    await fail(5, all)
    expect(await nextProbe(all.store, all.clock)).toBe(50)
  })

  it('spreads the probes of a fleet over half of each wait', async () => {
    const first = await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        const all = bench({ random: i / 20 })
        await fail(5, all)
        return nextProbe(all.store, all.clock)
      }),
    )
    expect(new Set(first).size).toBeGreaterThan(15)
    expect(Math.min(...first)).toBeGreaterThanOrEqual(25)
  })

  it('takes the next call as its probe where the store has no ping', async () => {
    const all = bench({ ping: false })
    await fail(5, all)
    expect(await all.decide()).toBe('refused')
    all.clock.advance(50)
    expect(await all.decide()).toBe('failed')
    expect(await all.decide()).toBe('refused')
    all.clock.advance(100)
    all.store.manner = 'hang'
    const probe = all.decide()
    expect(await all.decide()).toBe('refused')
    all.store.hanging[0]?.answer()
    expect(await probe).toBe('answered')
    expect(all.state()).toBe('closed')
  })

  it('is not closed by an answer to what was asked before it opened', async () => {
    const all = bench()
    all.store.manner = 'hang'
    const before = all.decide()
    await fail(5, all)
    all.store.hanging[0]?.answer()
    expect(await before).toBe('answered')
    expect(all.state()).toBe('open')
  })

  it('asks no more once it is stopped, even where a probe is under way', async () => {
    const all = bench()
    await fail(5, all)
    all.store.manner = 'hang'
    all.clock.advance(50)
    await turn()
    all.breaker.stop()
    all.store.hanging[0]?.fail()
    await turn()
    expect(all.clock.pending).toBe(0)
  })

  it('tells whenever it opens what it refuses with, and does not count those who hear that late', async () => {
    const all = bench()
    all.store.manner = 'hang'
    const queued = all.decide()
    await fail(5, all)
    const [refusal] = all.opened
    expect(refusal).toMatchObject({
      code: 'store-unavailable',
      cause: { message: expect.stringMatching('refused') },
    })
    all.store.hanging[0]?.fail(refusal)
    expect(await queued).toBe('refused')
    expect(all.breaker.health().consecutiveFailures).toBe(5)
    all.clock.advance(50)
    await turn()
    expect(all.opened).toHaveLength(2)
  })

  it('shows the last error without credentials, and when the store last answered', async () => {
    const all = bench()
    expect(all.breaker.health()).toMatchObject({ store: 'unknown', answeredAt: null, lastError: null })
    await all.decide()
    const at = Math.floor(all.clock.now() / 1000)
    expect(all.breaker.health()).toMatchObject({ store: 'reachable', answeredAt: at })
    all.store.manner = 'hang'
    const asked = all.decide()
    all.store.hanging[0]?.fail(new Error(`connect redis://user:secret@host:1 ${'x'.repeat(500)}`))
    await asked
    const { lastError, consecutiveFailures } = all.breaker.health()
    expect(consecutiveFailures).toBe(1)
    expect(lastError).toMatchObject({ code: 'store-unavailable', at })
    expect(lastError?.message).toMatch(/^connect redis:\/\/\*\*\*@host:1 x+$/)
    expect(lastError?.message.length).toBe(200)
  })

  it('does what its model does, whatever happens in whatever order', async () => {
    const event = fc.constantFrom('answer', 'fail', 'misuse', 'wait', 'up', 'down')
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 60, size: 'max' }), async (events) => {
        const all = bench()
        let up = true
        let failures = 0
        let probeInMs: number | null = null
        let waitMs = 50
        const fails = (): void => {
          failures++
          if (failures < 5) return
          probeInMs = waitMs
          waitMs = Math.min(500, waitMs * 2)
        }
        for (const one of events) {
          if (one === 'up' || one === 'down') up = one === 'up'
          else if (one === 'wait') {
            all.store.manner = up ? 'answer' : 'fail'
            all.clock.advance(250)
            await turn()
            if (probeInMs === null) continue
            probeInMs = Math.max(0, probeInMs - 250)
            if (probeInMs > 0) continue
            probeInMs = null
            if (!up) fails()
            else {
              failures = 0
              waitMs = 50
            }
          } else {
            all.store.manner = 'hang'
            const asked = all.decide()
            const call = all.store.hanging.pop()
            expect(call === undefined).toBe(probeInMs !== null)
            if (one === 'answer') call?.answer()
            else call?.fail(one === 'fail' ? down() : new HeadgateError('invalid-rule', 'wrong'))
            const expected = probeInMs !== null ? 'refused' : one === 'answer' ? 'answered' : 'failed'
            expect(await asked).toBe(expected)
            if (expected === 'answered') failures = 0
            if (expected === 'failed' && one === 'fail') fails()
          }
          expect(all.state()).toBe(probeInMs === null ? 'closed' : 'open')
          expect(all.breaker.health().consecutiveFailures).toBe(failures)
        }
      }),
      { numRuns: 150 },
    )
  })

  it.each([0, 1.5, Number.NaN])('refuses %s as a number of failures', (failures) => {
    expect(() => withBreaker(new ControllableStore(), { failures })).toThrow(/withBreaker\.failures/)
  })
})

/** Milliseconds until the next probe. */
async function nextProbe(store: ControllableStore, clock: ManualClock): Promise<number> {
  const before = store.count('ping')
  for (let ms = 1; ms <= 1000; ms++) {
    clock.advance(1)
    await turn()
    if (store.count('ping') > before) return ms
  }
  throw new Error('no probe within 1 s')
}
