import { createSecretKey } from 'node:crypto'
import type { LimitRequest } from 'headgate'
import { describe, expect, it } from 'vitest'
import { observed } from './observed-service.ts'

const FILE = `
policies:
  - { name: users, key: user, rules: [2/min] }
  - { name: keys, key: apiKey, match: { apiKey: '*' }, rules: [1/min] }
  - { name: shop, match: { domain: shop }, key: user, rules: [100/min] }
  - { name: trial, mode: shadow, match: { user: eve }, key: user, rules: [1/min] }
deny: { user: [mallory] }
`
const TOKENS = `
tokens:
  - { name: all, hash: 'TOKEN(all)', scopes: [read, consume] }
  - { name: shop, hash: 'TOKEN(shop)', scopes: [read, consume], domains: [shop] }
  - { name: users, hash: 'TOKEN(users)', scopes: [read], policies: [users] }
  - { name: spender, hash: 'TOKEN(spender)', scopes: [consume] }
`

describe('recent denials', () => {
  it('are found by the id of the answer, with whom they were about', async () => {
    await using at = observed(FILE)
    const { service, observer } = at
    for (let i = 0; i < 2; i++) expect(await at.consume({ user: 'alice' })).toBeNull()
    const id = (await at.consume({ user: 'alice' })) as string
    const denial = await observer.denial(service, id)
    expect(denial).toMatchObject({
      id,
      policy: 'users',
      reason: 'limited',
      verb: 'consume',
      transport: 'http',
      cost: 1,
      keys: [{ policy: 'users', key: 'alice' }],
      actor: null,
    })
    expect((await observer.denials(service, { limit: 10 })).denials).toEqual([denial])
    expect(await observer.denial(service, 'nope')).toBeUndefined()
  })

  it('are the last thousand, newest first', async () => {
    await using at = observed(FILE)
    const ids: (string | null)[] = []
    for (let i = 0; i < 1003; i++) {
      ids.push(await at.consume({ user: 'mallory' }))
      if (i % 100 === 0) at.second()
    }
    const { denials } = await at.observer.denials(at.service, { limit: 5000 })
    expect(denials.map(({ id }) => id)).toEqual(ids.slice(3).reverse())
    expect(await at.observer.denial(at.service, ids[0] as string)).toBeUndefined()
  })

  it('keep no secret', async () => {
    await using at = observed(FILE)
    for (let i = 0; i < 2; i++) await at.consume({ user: `u${i}`, apiKey: 'sk_live_123' })
    const [denial] = (await at.observer.denials(at.service, { limit: 1 })).denials
    expect(denial?.keys).toContainEqual({ policy: 'keys', key: expect.stringMatching(/^…[0-9a-f]{12}$/) })
    expect(JSON.stringify(denial)).not.toContain('sk_live')
  })

  it('show of descriptors what is no secret, and tell the rest apart', async () => {
    await using at = observed(`
policies:
  - { name: entries, key: descriptor, match: { descriptor: [tenant, api_key] }, rules: [1/min] }
  - { name: both, key: [descriptor, user], match: { descriptor: [tenant, api_key] }, rules: [1/min] }
  - { name: entry, key: descriptor.api_key, match: { descriptor: [tenant, api_key] }, rules: [1/min] }
`)
    const who = (secret: string): LimitRequest['who'] => ({
      user: 'alice',
      descriptor: [
        { key: 'tenant', value: 'acme' },
        { key: 'api_key', value: secret },
      ],
    })
    const asked = ['s3cret', 's3cret', 'other', 'other'].map((secret) => [{ who: who(secret) }])
    for (const requests of asked) await at.service.decide(requests, { transport: 'http' })
    const { denials } = await at.observer.denials(at.service, { limit: 2 })
    const top = (await at.observer.top(at.service, { by: 'requests', count: 9 })).keys
    const usage = await at.service.usage(who('s3cret'))
    const explained = await at.service.explain(who('s3cret'), {})
    expect(JSON.stringify([denials, top, usage, explained])).not.toMatch(/s3cret|other/)
    expect(usage.map(({ key }) => key)).toEqual([
      expect.stringMatching(/^\[\["tenant","acme"\],\["api_key","…[0-9a-f]{12}"\]\]$/),
      expect.stringMatching(/^~\d+:\[\["tenant","acme"\],\["api_key","…[0-9a-f]{12}"\]\]5:alice$/),
      expect.stringMatching(/^…[0-9a-f]{12}$/),
    ])
    expect(new Set(top.map(({ key }) => key)).size).toBe(6)
  })

  it('tell keys apart that begin alike', async () => {
    await using at = observed(FILE)
    const long = 'a'.repeat(300)
    for (const user of [`${long}1`, `${long}2`, `${long}2`]) await at.consume({ user })
    const { keys } = await at.observer.top(at.service, { by: 'requests', count: 9 })
    expect(keys.map(({ key, count }) => [key.slice(0, 201), count])).toEqual([
      [`${'a'.repeat(200)}…`, 2],
      [`${'a'.repeat(200)}…`, 1],
    ])
  })

  it('keep no identity where keys are hashed', async () => {
    const secret = createSecretKey(Buffer.alloc(32, 7))
    await using at = observed(FILE, { hashKeys: { secret } })
    for (let i = 0; i < 3; i++) await at.consume({ user: 'alice' })
    const { denials } = await at.observer.denials(at.service, { limit: 1 })
    expect(denials[0]?.keys).toEqual([{ policy: 'users', key: expect.stringMatching(/^~h[\w-]{24}$/) }])
    const top = await at.observer.top(at.service, { by: 'requests', count: 9 })
    const usage = await at.service.usage({ user: 'alice' })
    expect(usage[0]).toMatchObject({ key: denials[0]?.keys[0]?.key, rules: [{ used: 2 }] })
    expect(JSON.stringify([denials, top, usage])).not.toContain('alice')
  })

  it('keep no secret of a policy whose key becomes one', async () => {
    await using at = observed(FILE)
    for (let i = 0; i < 3; i++) await at.consume({ user: 'alice', apiKey: `sk_live_${i}` })
    at.apply(FILE.replace('name: users, key: user', 'name: users, key: apiKey'))
    const [denial] = (await at.observer.denials(at.service, { limit: 1 })).denials
    expect(denial).toMatchObject({ policy: 'users' })
    expect(JSON.stringify(denial)).not.toContain('sk_live')
    expect(JSON.stringify(await at.observer.top(at.service, { by: 'requests', count: 9 }))).not.toContain(
      'sk_live',
    )
  })
})

describe('the keys that ask most', () => {
  it('are ranked by requests, units and denials, of all policies or of one', async () => {
    await using at = observed(FILE)
    for (let i = 0; i < 5; i++) await at.consume({ user: 'alice' })
    await at.consume({ user: 'bob', domain: 'shop' }, 2)
    await at.consume({ user: 'carol', domain: 'shop' }, 90)
    const top = async (by: 'requests' | 'units' | 'denied', policy?: string) => {
      const { keys } = await at.observer.top(at.service, {
        by,
        count: 3,
        ...(policy !== undefined && { policy }),
      })
      return keys.map(({ policy, key, count }) => [policy, key, count])
    }
    expect((await top('requests'))[0]).toEqual(['users', 'alice', 5])
    expect(await top('requests', 'shop')).toEqual([
      ['shop', 'bob', 1],
      ['shop', 'carol', 1],
    ])
    expect((await top('units', 'shop'))[0]).toEqual(['shop', 'carol', 90])
    expect(await top('denied')).toEqual([
      ['users', 'alice', 3],
      ['users', 'carol', 1],
    ])
  })

  it('are of the last one to two minutes', async () => {
    await using at = observed(FILE)
    await at.consume({ user: 'alice' })
    const seen = async (): Promise<number> =>
      (await at.observer.top(at.service, { by: 'requests', count: 9 })).keys.length
    for (let second = 0; second < 60; second++) at.second()
    expect(await seen()).toBe(1)
    for (let second = 0; second < 59; second++) at.second()
    expect(await seen()).toBe(1)
    for (let second = 0; second < 2; second++) at.second()
    expect(await seen()).toBe(0)
  })

  it('say how much is sampled, and stay near the truth', async () => {
    await using at = observed('policies: [{ name: all, key: user, rules: [1000000/min] }]')
    for (let i = 0; i < 4000; i++) await at.consume({ user: i % 2 === 0 ? 'alice' : `user${i}` })
    const { keys, total, sampledOneIn } = await at.observer.top(at.service, { by: 'requests', count: 1 })
    expect(sampledOneIn).toBeGreaterThanOrEqual(8)
    expect(keys[0]?.key).toBe('alice')
    // Of some 250 to 500 samples.
    expect(Math.abs((keys[0]?.count ?? 0) / total - 0.5)).toBeLessThan(0.2)
  })

  it('say how far from the truth they may be, with many policies and sampled', async () => {
    const names = Array.from({ length: 1500 }, (_, i) => `p${i}`)
    const file = names.map((name) => `{ name: ${name}, match: { plan: ${name} }, key: user, rules: [9/min] }`)
    // A generator of numbers that are the same in each run.
    let state = 1
    const random = (): number => {
      state = (state * 48271) % 2147483647
      return state / 2147483647
    }
    await using at = observed(`policies: [${file.join(',')}]`, {}, random)
    const truth = new Map<string, number>()
    for (let i = 0; i < 6000; i++) {
      const [plan, user] = [`p${i % 2}`, `u${Math.floor(random() ** 3 * 60)}`]
      truth.set(`${plan} ${user}`, (truth.get(`${plan} ${user}`) ?? 0) + 1)
      await at.consume({ user, plan })
      if (i === 400) at.second()
    }
    const { keys, sampledOneIn, counters } = await at.observer.top(at.service, { by: 'requests', count: 30 })
    expect([sampledOneIn > 1, counters]).toEqual([true, 16])
    const within = keys.filter(({ policy, key, count, error, margin }) => {
      const counted = truth.get(`${policy} ${key}`) as number
      return count - error <= counted && counted <= count + margin
    })
    expect(within.length / keys.length).toBeGreaterThan(0.9)
  })

  it('count nothing that asks for nothing', async () => {
    await using at = observed(FILE)
    await at.service.decide([{ who: { user: 'alice' }, verb: 'peek' }], { transport: 'http' })
    expect((await at.observer.top(at.service, { by: 'requests', count: 9 })).keys).toEqual([])
  })
})

describe('statistics', () => {
  it('count decisions by policy, source, verb and transport, and errors of ours', async () => {
    await using at = observed(FILE)
    for (let i = 0; i < 3; i++) await at.consume({ user: 'alice' })
    for (let i = 0; i < 2; i++) await at.consume({ user: 'eve' })
    await at.consume({ user: 'mallory' })
    at.service.fail(new Error('defect'), { transport: 'http' })
    at.service.fail(new TypeError('other'), { transport: 'http' })
    at.second()
    const counts = await at.observer.statistics(at.service)
    expect(counts).toMatchObject({
      totalRequests: 6,
      allowed: 4,
      denied: 2,
      shadowDenied: 1,
      storeRequests: 5,
      fallbackRequests: 0,
      errors: 2,
      storeErrors: 0,
      policyHits: 5,
      storeAvailable: true,
      activePolicies: 4,
      bySource: { store: 5, none: 1 },
      byTransport: { http: 6 },
      byVerb: { consume: 6 },
      latency: { store: { count: 5 } },
    })
    expect(counts.policies).toContainEqual({
      ...{ policy: 'users', allowed: 4, denied: 1, shadowDenied: 0 },
      rules: [{ rule: '1m', denied: 1, shadowDenied: 0 }],
    })
    expect(counts.policies).toContainEqual({
      ...{ policy: 'trial', allowed: 0, denied: 0, shadowDenied: 1 },
      rules: [{ rule: '1m', denied: 0, shadowDenied: 1 }],
    })
    expect(counts.policies).toContainEqual({
      policy: null,
      allowed: 0,
      denied: 1,
      shadowDenied: 0,
      rules: [],
    })
    expect(counts.rates?.[0]).toEqual({
      overSeconds: 1,
      decisionsPerSecond: 6,
      deniedPerSecond: 2,
      errorsPerSecond: 2,
    })
  })

  it('stay bounded by the policies in force', async () => {
    await using at = observed(FILE)
    await at.consume({ user: 'alice' })
    at.apply('policies: [{ name: other, key: user, rules: [1/min] }]')
    const { policies, totalRequests } = await at.observer.statistics(at.service)
    expect(policies).toEqual([{ policy: null, allowed: 1, denied: 0, shadowDenied: 0, rules: [] }])
    expect(totalRequests).toBe(1)
  })
})

describe('who sees what', () => {
  async function eventful(): Promise<ReturnType<typeof observed>> {
    const at = observed(FILE + TOKENS)
    const asShop = at.as('shop')
    for (let i = 0; i < 3; i++) await at.consume({ user: 'alice' })
    for (let i = 0; i < 2; i++) await at.consume({ user: 'bob', domain: 'shop' }, 60)
    await asShop.decide([{ who: { user: 'carol', domain: 'shop' }, cost: 60, policy: 'shop' }], {
      transport: 'http',
    })
    await asShop.decide([{ who: { user: 'carol', domain: 'shop' }, cost: 60, policy: 'shop' }], {
      transport: 'http',
    })
    return at
  }

  it('is for tokens to read', async () => {
    await using at = await eventful()
    const spender = at.as('spender')
    for (const look of [
      (): Promise<unknown> => at.observer.denials(spender, { limit: 1 }),
      () => at.observer.denial(spender, 'x'),
      () => at.observer.top(spender, { by: 'denied', count: 1 }),
      () => at.observer.statistics(spender),
    ]) {
      await expect(look()).rejects.toThrow(/scope read/)
    }
  })

  it('is what a token reaches, by domain and by policy', async () => {
    await using at = await eventful()
    const { observer } = at
    const policiesSeen = async (name: string) => ({
      denials: new Set(
        (await observer.denials(at.as(name), { limit: 100 })).denials.map(({ policy }) => policy),
      ),
      keys: new Set(
        (await observer.denials(at.as(name), { limit: 100 })).denials.flatMap(({ keys }) =>
          keys.map(({ policy }) => policy),
        ),
      ),
      top: new Set(
        (await observer.top(at.as(name), { by: 'requests', count: 100 })).keys.map(({ policy }) => policy),
      ),
      counted: new Set((await observer.statistics(at.as(name))).policies.map(({ policy }) => policy)),
    })
    const shop = new Set(['shop'])
    const users = new Set(['users'])
    expect(await policiesSeen('shop')).toEqual({ denials: shop, keys: shop, top: shop, counted: shop })
    expect(await policiesSeen('users')).toEqual({ denials: users, keys: users, top: users, counted: users })
    expect((await policiesSeen('all')).denials).toEqual(new Set(['shop', 'users']))
    expect(await observer.statistics(at.as('shop'))).toMatchObject({
      bySource: null,
      rates: null,
      storeRequests: null,
    })
    const id = (await observer.denials(at.as('users'), { limit: 1 })).denials[0]?.id as string
    expect(await observer.denial(at.as('shop'), id)).toBeUndefined()
    expect(await observer.denial(at.as('all'), id)).toMatchObject({ id })
  })

  it('is nothing of a policy that became its own after it happened', async () => {
    await using at = await eventful()
    at.service.apply({
      ...at.service.configuration(),
      hash: 'other',
      policies: [{ name: 'users', match: { domain: 'shop' }, key: 'user', rules: ['2/min'] }],
    })
    const { denials } = await at.observer.denials(at.as('shop'), { limit: 9 })
    expect(denials.map(({ policy }) => policy)).not.toContain('users')
    expect((await at.observer.top(at.as('shop'), { by: 'denied', count: 9 })).keys).toEqual([])
  })

  it('are names of tokens for those alone who see everything', async () => {
    await using at = await eventful()
    await at.as('all').decide([{ who: { user: 'alice' }, policy: 'users' }], { transport: 'http' })
    const actors = async (name: string) =>
      (await at.observer.denials(at.as(name), { limit: 9 })).denials.map(({ actor }) => actor)
    expect(await actors('all')).toEqual(expect.arrayContaining(['all', 'shop']))
    expect(await actors('shop')).toContain('shop')
    expect(new Set(await actors('users'))).toEqual(new Set([null]))
  })
})
