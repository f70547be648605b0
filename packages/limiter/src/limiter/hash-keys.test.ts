import { describe, expect, it } from 'vitest'
import type { BudgetOptions } from '../core/limiter.ts'
import type { Receipt } from '../core/receipt.ts'
import type { SyncStore } from '../core/store.ts'
import { createLimiter, type LimiterOptions } from '../create-limiter.ts'
import { policySource } from '../policies/source/policy-source.ts'
import { memoryStore } from '../stores/memory/index.ts'

const SECRET = 'a secret of a test, 32 bytes long'
const hashKeys = { secret: SECRET }
const policies = [
  { name: 'all', key: 'global', rules: ['90/s'] },
  { name: 'login', match: { user: ['alice', 'bob'] }, key: ['user', 'ip'], rules: ['2/min'] },
  { name: 'user', key: 'user', rules: ['9/min'] },
] as const
const who = { user: 'alice', ip: '192.0.2.77', key: 'k-alice' }
const READABLE = /alice|192\.0\.2/

function limiterOf(options: Partial<LimiterOptions<SyncStore>> = {}) {
  return createLimiter({ policies, hashKeys, ...options } as LimiterOptions<SyncStore>)
}

describe('a limiter that hashes keys', () => {
  it('puts hashes in receipts and keys, but for the key of everybody', async () => {
    const limiter = limiterOf()
    const { receipt } = await limiter.consume(who)
    expect(JSON.stringify(receipt)).not.toMatch(READABLE)
    const keys = limiter.policies.keysOf(who)
    expect(keys.map(({ key }) => key)).toEqual([
      receipt?.key,
      ...(receipt?.others.map(({ key }) => key) ?? []),
    ])
    expect(keys).toEqual([
      { policy: 'all', key: '~g' },
      { policy: 'login', key: expect.stringMatching(/^~h[\w-]{24}$/) },
      { policy: 'user', key: expect.stringMatching(/^~h[\w-]{24}$/) },
    ])
    expect(await limiter.refund(receipt as Receipt)).toBe(1)
  })

  it.each([
    ['one policy', { limit: '2/min' }],
    ['one policy of several rules', { limit: ['2/min', '9/h'] }],
    ['rules of calls', { policies: [] }, { policy: 'own', rule: { limit: '2/min' } }],
  ])('counts plain keys by their hash: %s', async (_, options, call: BudgetOptions = {}) => {
    const store = memoryStore()
    const limiter = createLimiter({ ...(options as { limit: '2/min' }), store, hashKeys })
    for (const allowed of [true, true, false]) {
      expect((await limiter.consume('alice', call)).allowed).toBe(allowed)
    }
    expect(limiter.consumeSync('alice', call).allowed).toBe(false)
    expect(limiter.consumeSync('bob', call).receipt?.key).toMatch(/^~h/)
    // Who names himself after a hash is somebody else.
    const [{ key } = { key: '' }] = limiter.policies.keysOf('alice', call)
    expect(limiter.consumeSync(key, call).allowed).toBe(true)
    expect(await limiter.reset('alice', call)).toHaveLength(1)
    expect(limiter.consumeSync('alice', call).allowed).toBe(true)
  })

  it('blocks, bans and explains by the plain identity', async () => {
    const limiter = limiterOf()
    expect(await limiter.block(who, '1h')).toEqual(['login', 'user'])
    const { policies: explained, decision } = await limiter.explain(who)
    expect(explained.map(({ key }) => key)).toEqual([
      {},
      { user: 'alice', ip: '192.0.2.77' },
      { user: 'alice' },
    ])
    expect(decision).toMatchObject({ allowed: false, reason: 'blocked' })
    expect(await limiter.unblock(who)).toEqual(['login', 'user'])
    expect((await limiter.consume(who)).allowed).toBe(true)
  })

  it('shares budgets with limiters of the same secret alone', async () => {
    const store = memoryStore()
    const [one, same, other, plain] = [
      hashKeys,
      { secret: Buffer.from(SECRET) },
      { secret: `${SECRET}.` },
      undefined,
    ].map((given) => createLimiter({ limit: '1/h', store, ...(given && { hashKeys: given }) }))
    expect((await one?.consume('a'))?.allowed).toBe(true)
    expect((await same?.consume('a'))?.allowed).toBe(false)
    expect((await other?.consume('a'))?.allowed).toBe(true)
    expect((await plain?.consume('a'))?.allowed).toBe(true)
  })

  it('keeps a key in its share of a rollout for a refund', async () => {
    const limiter = limiterOf({ policies: [{ name: 'new', key: 'user', rollout: '50%', rules: ['9/h'] }] })
    const users = Array.from({ length: 40 }, (_, n) => ({ user: `u${n}` }))
    const decisions = await Promise.all(users.map((user) => limiter.consume(user)))
    const enforced = decisions.filter(({ policy }) => policy === 'new').length
    expect(enforced).toBeGreaterThan(5)
    expect(enforced).toBeLessThan(35)
    for (const { receipt } of decisions) expect(await limiter.refund(receipt as Receipt)).toBe(1)
  })

  it('names nobody whose limits could not be loaded', async () => {
    const load = async (): Promise<never> => {
      throw new Error('away')
    }
    const source = policySource({ key: ({ user }) => user as string, load })
    const failure = await limiterOf({ policies: source })
      .consume(who)
      .catch((reason: Error) => reason)
    expect(failure).toMatchObject({ code: 'source-unavailable', message: expect.stringMatching(/~h/) })
    expect((failure as Error).message).not.toMatch(READABLE)
  })
})

describe('a reservation where keys are hashed', () => {
  it('is settled, extended and charged elsewhere by a handle that names nobody', async () => {
    const store = memoryStore()
    const [here, there] = [0, 0].map(() => limiterOf({ store, policies: [policies[2]] }))
    const reservation = await here?.reserve(who, { cost: 3 })
    const handle = JSON.parse(JSON.stringify(reservation?.handle()))
    expect(JSON.stringify(handle)).not.toMatch(READABLE)
    expect(JSON.stringify(handle)).not.toContain(Buffer.from('alice').toString('base64url').slice(0, 5))
    const { decision, handle: extended } = (await there?.resume(handle).extend(2)) ?? {}
    expect(decision).toMatchObject({ allowed: true, remaining: 4 })
    expect(JSON.stringify(extended)).not.toMatch(READABLE)
    await there?.resume(extended as typeof handle).settle(8)
    expect((await here?.peek(who, { cost: 0 }))?.remaining).toBe(1)
  })

  it('is of nobody where the secret is another, or none', async () => {
    const store = memoryStore()
    const reservation = await limiterOf({ store }).reserve(who)
    const handle = reservation.handle() as NonNullable<ReturnType<typeof reservation.handle>>
    for (const given of [{ secret: `${SECRET}.` }, undefined]) {
      const other = createLimiter({ policies, store, ...(given && { hashKeys: given }) })
      expect(() => other.resume(handle)).toThrow('give this one the same hashKeys')
    }
    expect(() => limiterOf({ store }).resume({ ...handle, who: 'x' })).toThrow('handle.sealedWho')
  })

  it('of before is settled after', async () => {
    const store = memoryStore()
    const before = createLimiter({ policies: [policies[2]], store })
    const handle = (await before.reserve(who, { cost: 3 })).handle()
    const after = limiterOf({ store, policies: [policies[2]] })
    expect(await after.resume(handle as NonNullable<typeof handle>).cancel()).toMatchObject({ settled: true })
    expect((await before.peek(who, { cost: 0 })).remaining).toBe(9)
  })
})
