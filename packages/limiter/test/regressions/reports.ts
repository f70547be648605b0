/** Reports of users, by their numbers in `facts/reports.md`: the same rows for any store whose time a test moves. */
import { describe, expect, it } from 'vitest'
import type { Decision } from '../../src/core/decision.ts'
import type { Limiter } from '../../src/core/limiter.ts'
import type { PolicyOptions } from '../../src/core/policy-options.ts'
import type { Receipt } from '../../src/core/receipt.ts'
import type { RuleOptions } from '../../src/core/rule.ts'
import type { Store } from '../../src/core/store.ts'
import { createLimiter } from '../../src/create-limiter.ts'
import { type ManualClock, manualClock } from '../../src/testing/manual-clock.ts'

/** Opens a store without state, which judges by this clock. */
export type OpenStore = (clock: ManualClock) => Store

interface Bench {
  readonly limiter: Limiter
  readonly clock: ManualClock
  readonly store: Store
}

type Policy = Omit<PolicyOptions, 'name'>

const MINUTE_US = 60_000_000
const kinds: readonly [name: string, rule: Omit<RuleOptions, 'limit'>][] = [
  ['a sliding window', {}],
  ['a sliding log', { algorithm: 'sliding-log' }],
  ['a bucket', { algorithm: 'token-bucket' }],
  ['a window from the first hit', { algorithm: 'fixed-window' }],
  ['an epoch window', { algorithm: 'fixed-window', align: 'epoch' }],
]

/** Declares the rows. */
export function declareReports(open: OpenStore): void {
  const benchOf = (...policies: PolicyOptions[]): Bench => {
    const clock = manualClock()
    const store = open(clock)
    return { clock, store, limiter: createLimiter<Store>({ policies, store, clock }) }
  }
  const bench = (rule: RuleOptions | string, policy: Partial<Policy> = {}): Bench =>
    benchOf({ name: 'p', rules: [rule], ...policy })

  describe.each(kinds)('2: sleeping the told time is enough: %s', (_, kind) => {
    it('with timers that cut fractions and fire up to a millisecond early', async () => {
      const { store, clock } = bench('1/s')
      const limiter = createLimiter<Store>({
        policies: [{ name: 'q', rules: [{ ...kind, limit: '7/s' }] }],
        store,
        clock: { ...clock, timerSlackMs: 1 },
      })
      clock.advanceUs(123_457)
      for (let i = 0; i < 60; i++) {
        let decision = await limiter.consume('k')
        while (decision.allowed) decision = await limiter.consume('k')
        clock.advanceUs(Math.floor(decision.retryAfterMs ?? 0) * 1000 - ((i * 337) % 1000))
        expect((await limiter.consume('k')).allowed).toBe(true)
      }
    })

    it('on a manual clock', async () => {
      const { limiter, clock } = bench({ ...kind, limit: '7/s' })
      for (let i = 0; i < 60; i++) {
        let decision = await limiter.consume('k')
        while (decision.allowed) decision = await limiter.consume('k')
        clock.advance(decision.retryAfterMs)
        expect((await limiter.consume('k')).allowed).toBe(true)
      }
    })
  })

  describe.each(kinds)('3: a rule with a shorter window does not lock out for the old one: %s', (_, kind) => {
    const rows = [
      ['1/min', '1/s', 1, 1000],
      ['900/day', '100/min', 100, 60_000],
      ['10/h', '10/min', 10, 60_000],
    ] as const
    const changes: [string, (bench: Bench, rules: RuleOptions[]) => Limiter][] = [
      [
        'policies.set',
        ({ limiter }, rules) => {
          limiter.policies.set({ name: 'p', rules })
          return limiter
        },
      ],
      [
        'a restart',
        ({ store, clock }, rules) => createLimiter<Store>({ policies: [{ name: 'p', rules }], store, clock }),
      ],
    ]

    it.each(rows.flatMap((row) => changes.map((change) => [...row, ...change] as const)))(
      '%s to %s by %5$s',
      async (before, after, limit, windowMs, __, change) => {
        const old = bench({ ...kind, name: 'r', limit: before })
        while ((await old.limiter.consume('k')).allowed);
        const limiter = change(old, [{ ...kind, name: 'r', limit: after }])
        let admitted = 0
        let decision = await limiter.consume('k')
        for (; decision.allowed; decision = await limiter.consume('k')) admitted++
        expect(admitted).toBeLessThanOrEqual(limit)
        expect(decision.retryAfterMs).toBeLessThanOrEqual(windowMs)
        old.clock.advance(decision.retryAfterMs)
        expect((await limiter.consume('k')).allowed).toBe(true)
      },
    )
  })

  describe('4: an override with another window does not switch the base limit off', () => {
    it.each([
      ['a sliding window', {}, '10/s'],
      ['a bucket', { algorithm: 'token-bucket' }, '10/s'],
      ['a bucket of the same window', { algorithm: 'token-bucket' }, '9000/15m'],
    ])('GET and POST by turns for 20 minutes: %s', async (_, kind, limit) => {
      const { limiter, clock } = bench(
        { ...kind, name: 'r', limit: '5/15m' },
        { key: 'user', overrides: [{ match: { method: 'GET' }, rules: { r: { limit } } }] },
      )
      const admitted = { GET: 0, POST: 0 }
      for (let second = 0; second < 1200; second++) {
        const method = second % 2 === 0 ? 'GET' : 'POST'
        if ((await limiter.consume({ user: 'a', method })).allowed) admitted[method]++
        clock.advance('1s')
      }
      expect(admitted.GET).toBe(600)
      expect(admitted.POST).toBeGreaterThanOrEqual(10)
      // 5 at once and 5 each 15 minutes from a bucket.
      expect(admitted.POST).toBeLessThanOrEqual(11)
    })

    it.each(kinds)('five overrides by path in turn: %s', async (_, kind) => {
      const windows = [60, 70, 80, 90, 100]
      const overrides = windows.map((seconds) => ({
        match: { path: `/${seconds}` },
        rules: { r: { limit: `3/${seconds}s` } },
      }))
      const { limiter, clock } = bench({ ...kind, name: 'r', limit: '3/50s' }, { key: 'user', overrides })
      const admitted = new Map<number, number>()
      const calls = 1000
      for (let i = 0; i < calls; i++) {
        const seconds = windows[i % 5] as number
        if ((await limiter.consume({ user: 'a', path: `/${seconds}` })).allowed)
          admitted.set(seconds, (admitted.get(seconds) ?? 0) + 1)
        clock.advance('1s')
      }
      for (const seconds of windows) {
        const rate = (3 * calls) / seconds
        expect(admitted.get(seconds)).toBeGreaterThanOrEqual(Math.floor(rate * 0.8))
        expect(admitted.get(seconds)).toBeLessThanOrEqual(Math.ceil(rate) + 3)
      }
    })

    it('30 GETs, then one POST, every 30 minutes on a bucket', async () => {
      const { limiter, clock } = bench(
        { algorithm: 'token-bucket', name: 'r', limit: '5/15m' },
        { key: 'user', overrides: [{ match: { method: 'GET' }, rules: { r: { limit: '9000/15m' } } }] },
      )
      for (let i = 0; i < 20; i++) {
        for (let get = 0; get < 30; get++) await limiter.consume({ user: 'a', method: 'GET' })
        expect((await limiter.consume({ user: 'a', method: 'POST' })).allowed).toBe(true)
        clock.advance('30m')
      }
    })
  })

  describe('5: windows that calls bring are five at most', () => {
    const untilMidnight = (clock: ManualClock): number => 86_400_000 - ((clock.now() / 1000) % 86_400_000)
    const policies: [string, readonly (RuleOptions | string)[], Record<string, unknown>][] = [
      ['in place of a sliding window', ['100/min'], {}],
      ['in place of a fixed window', [{ algorithm: 'fixed-window', limit: '100/min' }], {}],
      ['on a bucket', [{ algorithm: 'token-bucket', limit: '100/min' }], {}],
      ['beside several rules', ['100/min', '1000/h'], {}],
    ]

    it.each(policies)('%s', async (_, rules) => {
      const { limiter, clock } = benchOf({ name: 'p', rules })
      clock.advance('1s')
      const call = () =>
        limiter.consume('k', { limit: { limit: 1, window: Math.ceil(untilMidnight(clock)) } })
      let admitted = 0
      let refused = 0
      let wait = 0
      for (let i = 0; i < 400; i++) {
        clock.advance('1s')
        const outcome = await call().catch(
          (error: unknown) => error as { code: string; retryAfterMs: number },
        )
        if ('allowed' in outcome) admitted++
        else {
          expect(outcome.code).toBe('too-many-windows')
          wait = outcome.retryAfterMs
          refused++
        }
      }
      expect([admitted, refused]).toEqual([5, 395])
      expect((await limiter.consume('other', { limit: '1/7s' })).allowed).toBe(true)
      clock.advance(wait - 1)
      const last = { limit: { limit: 1, window: 7001 } }
      await expect(limiter.peek('k', last)).rejects.toMatchObject({
        code: 'too-many-windows',
        retryAfterMs: 1,
      })
      await expect(limiter.charge('k', 1, last)).rejects.toMatchObject({ code: 'too-many-windows' })
      clock.advance(1)
      expect((await limiter.consume('k', last)).allowed).toBe(true)
      // A configured rule is refused by none of them.
      expect((await limiter.consume('k')).allowed).toBe(true)
    })

    it('but a number that changes in one window is one', async () => {
      const { limiter } = bench('100/min')
      let admitted = 0
      for (let i = 0; i < 200; i++) {
        if ((await limiter.consume('k', { limit: { limit: 10 + (i % 50), window: '1h' } })).allowed)
          admitted++
      }
      expect(admitted).toBeLessThanOrEqual(59)
    })
  })

  describe.each(kinds)('7: a late refund pays for nobody else: %s', (_, kind) => {
    const spend = async (limiter: Limiter, cost: number) =>
      (await limiter.consume('k', { cost })).receipt as Receipt
    const left = async (limiter: Limiter) => (await limiter.peek('k', { cost: 0 })).remaining

    it('after a reset', async () => {
      const { limiter } = bench({ ...kind, limit: '5/min' })
      const first = await spend(limiter, 3)
      await limiter.reset('k')
      await spend(limiter, 3)
      expect(await limiter.refund(first)).toBe(0)
      expect(await left(limiter)).toBe(2)
    })

    it('after a credit', async () => {
      const { limiter } = bench({ ...kind, limit: '5/min' })
      const first = await spend(limiter, 3)
      await spend(limiter, 1)
      expect((await limiter.credit('k', 3)).credited).toBe(3)
      await spend(limiter, 3)
      expect(await limiter.refund(first)).toBe(0)
      expect(await left(limiter)).toBe(1)
    })
  })

  it('8: a refund of a bucket forfeits no more than it must', async () => {
    const { limiter, clock } = bench({ limit: '10/s', burst: 20 })
    await limiter.consume('k', { cost: 15 })
    clock.advance(100)
    const { receipt } = await limiter.consume('k', { cost: 5 })
    clock.advance(100)
    await limiter.consume('k')
    clock.advance(100)
    expect(await limiter.refund(receipt as Receipt)).toBe(5)
    expect((await limiter.peek('k', { cost: 0 })).remaining).toBe(7)
  })

  describe('17: a clock that was ahead', () => {
    const rule = { algorithm: 'fixed-window', align: 'calendar', limit: '1/day' } as const

    it('is corrected, and the day ends at the real midnight', async () => {
      const { limiter, clock } = bench(rule)
      const start = clock.now()
      clock.set(start + 20 * 60 * MINUTE_US)
      expect((await limiter.consume('k')).allowed).toBe(true)
      clock.set(start + 14 * 60 * MINUTE_US)
      const denied = await limiter.consume('k')
      expect(denied).toMatchObject({ allowed: false, retryAfterMs: 10 * 3_600_000 })
      clock.advance(denied.retryAfterMs)
      expect((await limiter.consume('k')).allowed).toBe(true)
    })

    it('mints nothing where its readings alternate within a window', async () => {
      const { limiter, clock } = bench(rule)
      const start = clock.now()
      let admitted = 0
      for (let i = 0; i < 50; i++) {
        clock.set(start + (i % 2 === 0 ? 14 : 20) * 60 * MINUTE_US)
        if ((await limiter.consume('k')).allowed) admitted++
      }
      expect(admitted).toBe(1)
    })
  })

  it('18: a reset takes what the attributes determine, and says so', async () => {
    const { limiter } = benchOf(
      { name: 'all', key: 'global', rules: ['10/h'] },
      { name: 'user', key: 'user', rules: ['10/h'] },
      { name: 'export', key: 'user', match: { path: '/export/**' }, rules: ['10/h'] },
    )
    const who = { user: 'a', path: '/export/report' }
    await limiter.consume(who, { cost: 4 })
    expect(await limiter.reset({ user: 'a' })).toEqual(['user', 'export'])
    const { rules } = await limiter.peek(who, { cost: 0 })
    expect(rules.map(({ policy, remaining }) => [policy, remaining])).toEqual([
      ['all', 6],
      ['user', 10],
      ['export', 10],
    ])
    expect(await limiter.reset({ user: 'a' }, { policy: 'all' })).toEqual(['all'])
    expect((await limiter.peek(who, { cost: 0 })).rules.map(({ remaining }) => remaining)).toEqual([
      10, 10, 10,
    ])
  })

  it('22: a decision loses no field, however it is copied', async () => {
    const { limiter } = bench('2/min')
    const decisions: Decision[] = [
      await limiter.consume('k'),
      await limiter.consume('k'),
      await limiter.consume('k'),
    ]
    decisions.push(
      await limiter.peek('k', { cost: 3 }),
      await limiter.charge('k', 2),
      await limiter.credit('k', 1),
    )
    for (const decision of decisions) {
      for (const copy of [{ ...decision }, structuredClone(decision), JSON.parse(JSON.stringify(decision))]) {
        expect(copy).toEqual(decision)
        expect(Object.keys(copy)).toEqual(
          expect.arrayContaining(['rules', 'receipt', 'shadow', 'retryAfterMs']),
        )
        expect(copy.rules).toHaveLength(1)
      }
    }
    const copy = JSON.parse(JSON.stringify(await limiter.consume('other'))) as Decision
    expect(await limiter.refund(copy.receipt as Receipt)).toBe(1)
  })

  it('28: a limit of a call is for one policy, which the call names', async () => {
    const { limiter } = benchOf(
      { name: 'user', key: 'user', rules: ['10/min'] },
      { name: 'all', key: 'global', rules: ['1000/min'] },
    )
    const call = limiter.consume({ user: 'a' }, { limit: '5/min' })
    await expect(call).rejects.toMatchObject({
      code: 'invalid-options',
      path: 'options.limit',
      message: expect.stringContaining('name it by policy'),
    })
    expect(await limiter.consume({ user: 'a' }, { limit: '5/min', policy: 'user' })).toMatchObject({
      policy: 'user',
      limit: 5,
      remaining: 4,
    })
    expect((await limiter.peek({ user: 'a' }, { cost: 0 })).rules.map(({ remaining }) => remaining)).toEqual([
      9, 1000,
    ])
  })

  it('29: listeners hear a decision a call, and fail none', async () => {
    const { limiter, clock } = bench({ limit: '1/s', burst: 1 })
    const heard: string[] = []
    limiter.on('decision', ({ allowed }, { verb }) => {
      heard.push(`${verb} ${allowed}`)
    })
    await limiter.consume('k')
    const waiting = [1, 2, 3].map(() => limiter.wait('k'))
    for (let i = 0; i < 40; i++) {
      await new Promise((resolve) => setImmediate(resolve))
      clock.advance(100)
    }
    for (const decision of await Promise.all(waiting)) expect(decision.allowed).toBe(true)
    await limiter.peek('k')
    expect(heard.toSorted()).toEqual(['consume true', 'peek true', 'wait true', 'wait true', 'wait true'])
  })
}
