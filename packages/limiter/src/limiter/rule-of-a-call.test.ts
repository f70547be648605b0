import { describe, expect, it } from 'vitest'
import type { Receipt } from '../core/receipt.ts'
import { createLimiter } from '../create-limiter.ts'
import { memoryStore } from '../stores/memory/index.ts'
import { manualClock } from '../testing/manual-clock.ts'

const rule = { limit: '3/min' } as const
const call = { policy: 'http', rule }

function limiterOf() {
  const policies = [{ name: 'all', key: 'global', rules: ['1/day'] }]
  const store = memoryStore({ clock: manualClock() })
  const limiter = createLimiter({ policies, store, deny: { key: ['mallory'] } })
  return { limiter }
}

describe('a rule that comes with a call', () => {
  it('asks no configured policy, and is named by its window', async () => {
    const { limiter } = limiterOf()
    for (let n = 2; n >= 0; n--) {
      const expected = { allowed: true, policy: 'http', rule: '1m', limit: 3, remaining: n }
      expect(await limiter.consume('alice', call)).toMatchObject(expected)
    }
    expect(await limiter.consume('alice', call)).toMatchObject({ allowed: false, reason: 'limited' })
    expect(await limiter.consume('bob', call)).toMatchObject({ remaining: 2 })
    expect(await limiter.consume({}, {})).toMatchObject({ allowed: true, policy: 'all', remaining: 0 })
  })

  it('is a token bucket where it has a burst', async () => {
    const { limiter } = limiterOf()
    const bucket = { policy: 'http', rule: { limit: '10/s', burst: 20 } }
    expect(await limiter.consume('alice', { ...bucket, cost: 20 })).toMatchObject({ remaining: 0, limit: 20 })
  })

  it('is refunded, settled, decided with others and waited for like any other', async () => {
    const { limiter } = limiterOf()
    const { receipt } = await limiter.consume('alice', { ...call, cost: 3 })
    expect(await limiter.refund(JSON.parse(JSON.stringify(receipt)) as Receipt)).toBe(3)
    const reservation = await limiter.reserve('alice', { ...call, cost: 3 })
    const handle = JSON.parse(JSON.stringify(reservation.handle()))
    await limiter.resume(handle).settle(1)
    const joint = await limiter.decide([
      { who: 'alice', ...call },
      { who: 'bob', ...call },
    ])
    expect(joint.decisions.map(({ remaining }) => remaining)).toEqual([1, 2])
    expect(await limiter.wait('alice', call)).toMatchObject({ remaining: 0 })
    await limiter.charge('alice', 5, call)
    expect(await limiter.credit('alice', 4, call)).toMatchObject({ credited: 4, policy: 'http' })
  })

  it('is one of five windows at a key', async () => {
    const { limiter } = limiterOf()
    for (const limit of ['1/s', '1/min', '1/h', '1/day', '1/week']) {
      await limiter.consume('alice', { policy: 'http', rule: { limit } })
    }
    const sixth = limiter.consume('alice', { policy: 'http', rule: { limit: '1/2h' } })
    await expect(sixth).rejects.toMatchObject({ code: 'too-many-windows' })
    expect(await limiter.consume('alice', { policy: 'http', rule: { limit: '2/h' } })).toMatchObject({
      remaining: 0,
    })
  })

  it('is reset, blocked and unblocked by its name, whatever its window', async () => {
    const { limiter } = limiterOf()
    const hourly = { policy: 'http', rule: { limit: '1/h' } }
    for (const one of [call, hourly]) await limiter.consume('alice', one)
    expect(await limiter.reset('alice', call)).toEqual(['http'])
    expect(await limiter.consume('alice', hourly)).toMatchObject({ allowed: true })
    expect(await limiter.consume('alice', call)).toMatchObject({ remaining: 2 })
    expect(await limiter.block('alice', '1h', call)).toEqual(['http'])
    for (const one of [call, hourly]) {
      expect(await limiter.peek('alice', one)).toMatchObject({ allowed: false, reason: 'blocked' })
    }
    expect(await limiter.peek('bob', call)).toMatchObject({ allowed: true })
    expect(await limiter.unblock('alice', hourly)).toEqual(['http'])
    expect(await limiter.peek('alice', { ...call, cost: 0 })).toMatchObject({ remaining: 2 })
    await expect(limiter.reset('alice', { policy: 'http' })).rejects.toMatchObject({ code: 'unknown-policy' })
    await expect(limiter.reset({ user: 'alice' }, call)).rejects.toMatchObject({ code: 'invalid-key' })
  })

  it('does not pass the list of those who are denied', async () => {
    const { limiter } = limiterOf()
    expect(await limiter.consume('mallory', call)).toMatchObject({ reason: 'denied-by-policy' })
  })

  it.each([
    ['a limit beside it', { ...call, limit: '1/s' }, 'options.limit'],
    ['no name', { rule }, 'options.policy'],
    ['the name of a policy', { policy: 'all', rule }, 'options.policy'],
    ['a name that is none', { policy: 'a b', rule }, 'options.policy'],
    ['a name of the rule', { policy: 'http', rule: { ...rule, name: 'x' } }, 'options.rule.name'],
    ['a rule that is none', { policy: 'http', rule: { limit: 'often' } }, 'options.rule.limit'],
    ['null for a rule', { policy: 'http', rule: null }, 'options.rule'],
  ])('is refused with %s', async (_, options, path) => {
    const { limiter } = limiterOf()
    await expect(limiter.consume('alice', options as object)).rejects.toMatchObject({ path })
  })

  it('is refused without a key', async () => {
    const { limiter } = limiterOf()
    await expect(limiter.consume({ user: 'alice' }, call)).rejects.toMatchObject({ code: 'invalid-key' })
  })
})
