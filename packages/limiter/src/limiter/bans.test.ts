import { describe, expect, it } from 'vitest'
import type { Limiter } from '../core/limiter.ts'
import type { PolicyOptions } from '../core/policy-options.ts'
import type { SyncStore } from '../core/store.ts'
import { createLimiter } from '../create-limiter.ts'
import { memoryStore } from '../stores/memory/index.ts'
import { type ManualClock, manualClock } from '../testing/manual-clock.ts'

const pair: PolicyOptions = { name: 'pair', key: ['ip', 'user'], rules: ['2/10s'], ban: ['1m', '10m', '1h'] }
const who = { ip: '192.0.2.1', user: 'ada' }

describe('a policy with ban', () => {
  it('denies as limited once, then as blocked until the ban ends', async () => {
    const { limiter, clock } = bench([pair])
    await limiter.consume(who, { cost: 2 })
    expect(await limiter.consume(who)).toMatchObject({ reason: 'limited', retryAfterMs: 60_000, rule: '10s' })
    clock.advance('10s')
    expect(await limiter.consume(who)).toMatchObject({
      reason: 'blocked',
      retryAfterMs: 50_000,
      remaining: 2,
    })
    expect(await limiter.consume({ ...who, user: 'bob' })).toMatchObject({ allowed: true })
    clock.advance('50s')
    expect(await limiter.consume(who)).toMatchObject({ allowed: true })
  })

  it('counts reserve, and neither wait nor extend nor peek', async () => {
    const { limiter } = bench([pair])
    const reservation = await limiter.reserve(who, { cost: 2 })
    expect(await reservation.extend(1)).toMatchObject({ reason: 'limited', retryAfterMs: 10_000 })
    expect(await limiter.wait(who, { timeout: 1 })).toMatchObject({ reason: 'limited', retryAfterMs: 10_000 })
    expect(await limiter.peek(who)).toMatchObject({ reason: 'limited', retryAfterMs: 10_000 })
    expect(await limiter.reserve(who)).toMatchObject({ reason: 'limited', retryAfterMs: 60_000 })
    expect(await limiter.peek(who)).toMatchObject({ reason: 'blocked', retryAfterMs: 60_000 })
  })

  it('takes a reservation that was cancelled for none', async () => {
    const { limiter, clock } = bench([{ ...pair, rules: ['2/h'] }])
    await limiter.consume(who, { cost: 2 })
    await limiter.consume(who)
    clock.advance('59m')
    await limiter.credit(who, 1)
    const reservation = await limiter.reserve(who)
    expect(reservation.allowed).toBe(true)
    await reservation.cancel()
    for (let i = 0; i < 2; i++)
      expect(await limiter.consume(who, { cost: 2 })).toMatchObject({
        reason: 'limited',
        retryAfterMs: 60_000,
      })
    await limiter.consume(who)
    expect(await limiter.consume(who)).toMatchObject({ reason: 'limited', retryAfterMs: 600_000 })
  })

  it('takes no lease, and reports the longest of several policies', async () => {
    const ip: PolicyOptions = { name: 'ip', key: 'ip', rules: ['3/day'] }
    const { limiter } = bench([ip, { ...pair, lease: { max: 10 } }])
    expect((await limiter.consume(who, { cost: 2 })).source).toBe('store')
    const denied = await limiter.consume(who)
    expect(denied).toMatchObject({ policy: 'pair', reason: 'limited', retryAfterMs: 60_000 })
    expect(await limiter.consume(who)).toMatchObject({ policy: 'pair', reason: 'blocked' })
    expect(await limiter.consume({ ...who, user: 'bob' }, { cost: 2 })).toMatchObject({
      policy: 'ip',
      reason: 'limited',
    })
  })

  it('keeps a ban when its rules change, and when it bans no more', async () => {
    const { limiter, clock } = bench([pair])
    await limiter.consume(who, { cost: 2 })
    await limiter.consume(who)
    const { ban: _, ...without } = pair
    limiter.policies.replace([{ ...without, rules: ['50/min', { limit: '9/s', burst: 9 }] }])
    expect(await limiter.consume(who)).toMatchObject({ reason: 'blocked', retryAfterMs: 60_000 })
    clock.advance('1m')
    expect((await limiter.consume(who)).allowed).toBe(true)
  })

  it.each([
    [[], 'ban: a list of 0 is not a list of 1 to 16 durations, such as [1m, 10m, 1h]'],
    ['1m', 'ban: "1m" is not a list of 1 to 16 durations'],
    [Array(17).fill('1m'), 'ban: a list of 17 is not a list of 1 to 16 durations'],
    [['1m', '1 fortnight'], 'ban[1]: '],
    [[0], 'ban[0]: '],
  ])('refuses %j', (ban, message) => {
    expect(() => bench([{ ...pair, ban: ban as string[] }])).toThrow(`policies[0].${message}`)
  })
})

describe('block and unblock', () => {
  it('reach what reset reaches, and name the policies', async () => {
    const all: PolicyOptions = { name: 'all', key: 'global', rules: ['9/s'] }
    const other: PolicyOptions = { name: 'other', match: { path: '/x' }, key: 'user', rules: ['9/s'] }
    const { limiter } = bench([pair, all, other])
    expect(await limiter.block(who, '1m')).toEqual(['pair', 'other'])
    expect(await limiter.block(who, '1h', { policy: 'all' })).toEqual(['all'])
    expect(await limiter.consume({ user: 'bob', ip: '192.0.2.9' })).toMatchObject({
      policy: 'all',
      reason: 'blocked',
    })
    expect(await limiter.unblock({}, { policy: 'all' })).toEqual(['all'])
    expect(await limiter.unblock(who)).toEqual(['pair', 'other'])
    expect((await limiter.consume({ ...who, path: '/x' })).allowed).toBe(true)
    expect(await limiter.block({ tenant: 'a' }, '1m')).toEqual([])
    await expect(limiter.block(who, '1m', { policy: 'nope' })).rejects.toMatchObject({
      code: 'unknown-policy',
    })
    for (const duration of ['soon', 0, -1, Number.NaN, Number.POSITIVE_INFINITY, undefined]) {
      await expect(limiter.block(who, duration as string)).rejects.toMatchObject({ path: 'duration' })
    }
  })

  it('end the wait of those who wait: unblock at once, a block when it is over', async () => {
    const { limiter, clock } = bench([{ ...pair, ban: ['1h'] }])
    await limiter.block(who, '1h')
    const waiting = limiter.wait(who)
    await settle()
    await limiter.unblock(who)
    expect((await waiting).allowed).toBe(true)
    await limiter.block(who, '1m')
    const [first, second] = [limiter.wait(who), limiter.wait(who, { timeout: '65s' })]
    await settle()
    clock.advance('1m')
    expect([(await first).allowed, (await second).allowed]).toEqual([true, true])
  })

  it('make a record for a key of a full store, and none of newcomers inherits it', async () => {
    const clock = manualClock()
    const store = memoryStore({ clock, maxKeys: 2 })
    const limiter = createLimiter({ policies: [{ name: 'api', rules: ['1/h'], ban: ['1d'] }], store })
    for (const key of ['a', 'b', 'c']) await limiter.consume(key)
    expect(store.stats().overflowed).toBe(1)
    // Its record is shared with others: a denial is no offence.
    expect(await limiter.consume('c')).toMatchObject({ reason: 'limited', retryAfterMs: 3_600_000 })
    expect(await limiter.consume('a')).toMatchObject({ reason: 'limited', retryAfterMs: 86_400_000 })
    for (let i = 0; i < 5; i++) await limiter.block(`x${i}`, '1d')
    for (let i = 0; i < 5; i++) expect(await limiter.consume(`x${i}`)).toMatchObject({ reason: 'blocked' })
    for (let i = 0; i < 50; i++) expect((await limiter.consume(`y${i}`)).reason).not.toBe('blocked')
    clock.advance('1d')
    expect((await limiter.consume('x0')).allowed).toBe(true)
  })
})

function bench(policies: readonly PolicyOptions[]): { limiter: Limiter<SyncStore>; clock: ManualClock } {
  const clock = manualClock()
  return { limiter: createLimiter({ policies, store: memoryStore({ clock }) }), clock }
}

/** Lets everything that waits for promises alone go on. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
