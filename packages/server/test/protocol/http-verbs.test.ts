import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openApi } from './http-fixture.ts'

const alice = { attributes: { user: 'alice' } }

describe('POST /v1/charge and /v1/credit', () => {
  it('credit nothing where nothing matches, and name a mistake as the body has it, also without a cost', async () => {
    await using api = openApi([{ name: 'api', match: { path: '/a' }, key: 'user', rules: ['10/min'] }])
    const unmatched = await api.post('/v1/credit', { attributes: { user: 'alice' } })
    expect(unmatched.json()).toMatchObject({ reason: 'unmatched', credited: 0 })
    const body = { attributes: { user: 'alice' }, policy: 'api', limit: {} }
    expect((await api.post('/v1/charge', body)).json()).toMatchObject({
      code: 'invalid-rule',
      path: 'limit.limit',
    })
  })

  it('spend into debt, and give back what was spent last', async () => {
    await using api = openApi()
    const charged = await api.post('/v1/charge', { ...alice, cost: 15 })
    expect(charged.statusCode).toBe(200)
    expect(charged.json()).toMatchObject({ allowed: true, remaining: 0, cost: 15 })
    expect(charged.headers['ratelimit']).toBeDefined()
    expect((await api.post('/v1/consume', { ...alice, cost: 0 })).statusCode).toBe(429)
    const credited = await api.post('/v1/credit', { ...alice, cost: 7 })
    expect(credited.json()).toMatchObject({ allowed: true, credited: 7, receipt: null })
    expect(await api.left('alice')).toEqual([2])
  })
})

describe('a limit with a call', () => {
  const two = [
    { name: 'user', key: 'user', rules: ['10/min'] },
    { name: 'all', key: 'global', rules: ['100/min'] },
  ]

  it('replaces the rates of the lone policy that is asked', async () => {
    await using api = openApi()
    const limited = await api.post('/v1/consume', { ...alice, limit: '2/min' })
    expect(limited.json()).toMatchObject({ policy: 'api', limit: 2, remaining: 1 })
    expect(await api.left('alice')).toEqual([9])
  })

  it('is a mistake that asks for the policy, where several match', async () => {
    await using api = openApi(two)
    const refused = await api.post('/v1/consume', { ...alice, limit: '2/min' })
    expect(refused.statusCode).toBe(400)
    expect(refused.json()).toMatchObject({
      path: 'limit',
      detail: expect.stringContaining('name it by policy'),
    })
    const named = await api.post('/v1/consume', {
      ...alice,
      policy: 'user',
      limit: { limit: 2, window: '1m' },
    })
    expect(named.json()).toMatchObject({ policy: 'user', limit: 2, remaining: 1 })
  })

  it('takes several rates', async () => {
    await using api = openApi()
    const { rules } = (await api.post('/v1/consume', { ...alice, limit: ['2/min', '3/s'] })).json()
    expect(rules.map(({ limit }: { limit: number }) => limit)).toEqual([2, 3])
  })

  it.each(['often', '5', { limit: 5 }, { limit: '5', window: '1m' }, [], ['often'], 5, null, {}])(
    'that is none is refused, at its field: %j',
    async (limit) => {
      await using api = openApi()
      const refused = await api.post('/v1/consume', { ...alice, limit })
      expect(refused.statusCode).toBe(400)
      expect(refused.json().path).toMatch(/^limit/)
      expect(await api.left('alice')).toEqual([10])
    },
  )

  it('is a denial where it is the sixth window of a key, until one of the five has recovered', async () => {
    await using api = openApi()
    for (const limit of ['1/s', '1/min', '1/h', '1/day', '1/week']) {
      expect((await api.post('/v1/consume', { key: 'a', limit })).statusCode).toBe(200)
    }
    const sixth = { key: 'a', limit: '1/2h' }
    const denied = await api.post('/v1/consume', sixth)
    expect([denied.statusCode, denied.headers['retry-after']]).toEqual([429, '1'])
    expect(denied.json()).toMatchObject({ allowed: false, reason: 'limited', cost: 1, receipt: null })
    expect((await api.post('/v1/reserve', sixth)).json()).toMatchObject({ allowed: false, reservation: null })
    expect((await api.post('/v1/wait', { ...sixth, timeout: 10 })).json()).toMatchObject({ allowed: false })
    api.clock.advance(denied.json().retryAfterMs)
    expect((await api.post('/v1/consume', sixth)).statusCode).toBe(200)
    expect(api.failures).toEqual([])
  })
})

describe('a key with a limit, and no policy', () => {
  it('is a whole rule, which asks no policy of the configuration', async () => {
    await using api = openApi([{ name: 'all', key: 'global', rules: ['0/min'] }])
    const allowed = await api.post('/v1/consume', { key: 'job', limit: '2/min' })
    expect(allowed.json()).toMatchObject({ allowed: true, policy: 'http', rule: '1m', remaining: 1 })
    expect(allowed.headers['ratelimit']).toBe('"http/1m";r=1;t=60')
    await api.post('/v1/consume', { key: 'job', limit: '2/min' })
    expect((await api.post('/v1/consume', { key: 'job', limit: '2/min' })).statusCode).toBe(429)
    expect((await api.post('/v1/consume', { key: 'other', limit: '2/min' })).statusCode).toBe(200)
  })

  it('is a token bucket with a burst', async () => {
    await using api = openApi()
    const body = { key: 'job', limit: '1/s', burst: 5, cost: 5 }
    expect((await api.post('/v1/consume', body)).json()).toMatchObject({
      allowed: true,
      limit: 5,
      remaining: 0,
    })
  })

  it('does not pass a list that denies its key', async () => {
    await using api = openApi()
    const denied = await api.post('/v1/consume', { key: 'mallory', limit: '2/min' })
    expect(denied.json()).toMatchObject({ allowed: false, reason: 'denied-by-policy' })
  })

  it.each([
    [{ key: 'job', limit: ['2/min', '5/h'] }, 'limit'],
    [{ key: 'job', limit: 'often' }, 'limit'],
    [{ key: 'job', limit: '2/min', burst: 0 }, 'burst'],
    [{ key: 'job', limit: '2/min', burst: '5' }, 'burst'],
    [{ ...alice, limit: '2/min', burst: 5 }, 'burst'],
    [{ key: 'job', burst: 5 }, 'burst'],
  ])('is refused as %j', async (body, path) => {
    await using api = openApi()
    const refused = await api.post('/v1/consume', body)
    expect(refused.statusCode).toBe(400)
    expect(refused.json().path).toBe(path)
  })
})

describe('deadlineMs', () => {
  it('is taken with every verb that decides', async () => {
    await using api = openApi()
    for (const verb of ['consume', 'peek', 'charge', 'credit', 'reserve', 'wait']) {
      expect((await api.post(`/v1/${verb}`, { ...alice, deadlineMs: 0.5 })).statusCode).toBe(200)
    }
  })

  it.each([-1, '5', 60_001, null])('is refused as %j', async (deadlineMs) => {
    await using api = openApi()
    expect((await api.post('/v1/consume', { ...alice, deadlineMs })).json()).toMatchObject({
      path: 'deadlineMs',
    })
  })
})

describe('POST /v1/refund', () => {
  it('gives back a part, once', async () => {
    await using api = openApi()
    const { receipt } = (await api.post('/v1/consume', { ...alice, cost: 5 })).json()
    expect((await api.post('/v1/refund', { receipt, cost: 2 })).json()).toEqual({ refunded: 2 })
    expect((await api.post('/v1/refund', { receipt })).json()).toEqual({ refunded: 0 })
    expect(await api.left('alice')).toEqual([7])
  })

  it.each([
    [{}, 'receipt', 'invalid-request'],
    [{ receipt: 5 }, 'receipt', 'invalid-receipt'],
    [{ receipt: null }, 'receipt', 'invalid-receipt'],
    [{ receipt: '' }, 'receipt', 'invalid-receipt'],
    [{ receipt: 'r1.a.b.c' }, 'receipt', 'invalid-receipt'],
    [{ receipt: 'x'.repeat(60_000) }, 'receipt', 'invalid-receipt'],
    [{ receipt: 'r1.a.b.c', cost: -1 }, 'cost', 'invalid-cost'],
    [{ receipt: 'r1.a.b.c', key: 'a' }, 'key', 'invalid-request'],
  ])('refuses %j', async (body, path, code) => {
    await using api = openApi()
    const refused = await api.post('/v1/refund', body)
    expect(refused.statusCode).toBe(400)
    expect(refused.json()).toMatchObject({ path, code })
  })
})

describe('POST /v1/reserve', () => {
  it('holds an estimate, which is settled at the actual cost, once', async () => {
    await using api = openApi()
    const reserved = await api.post('/v1/reserve', { ...alice, cost: 8 })
    expect(reserved.statusCode).toBe(200)
    expect(reserved.json()).toMatchObject({ allowed: true, held: 8, remaining: 2, receipt: null })
    const { reservation } = reserved.json()
    expect(reservation).toMatch(/^v1\.[\w-]{8}\.[\w-]+\.[\w-]{43}$/)
    const settle = (actual: number) => api.post('/v1/settle', { reservation, actual })
    expect((await settle(3)).json()).toEqual({ settled: true, actual: 3 })
    expect((await settle(9)).json()).toEqual({ settled: false, actual: 3 })
    expect((await api.post('/v1/cancel', { reservation })).json()).toEqual({ settled: false, actual: 3 })
    expect(await api.left('alice')).toEqual([7])
  })

  it('charges what is missing', async () => {
    await using api = openApi()
    const { reservation } = (await api.post('/v1/reserve', { ...alice, cost: 8 })).json()
    expect((await api.post('/v1/settle', { reservation, actual: 12 })).json()).toEqual({
      settled: true,
      actual: 12,
    })
    expect((await api.post('/v1/consume', { ...alice, cost: 0 })).statusCode).toBe(429)
  })

  it('is extended, and then the new text stands for all of it', async () => {
    await using api = openApi()
    const first = (await api.post('/v1/reserve', { ...alice, cost: 4 })).json()
    const { reservation: old } = first
    const denied = await api.post('/v1/extend', { reservation: old, more: 20 })
    expect(denied.statusCode).toBe(429)
    expect(denied.json()).toMatchObject({ allowed: false, held: 4 })
    const extended = await api.post('/v1/extend', { reservation: denied.json().reservation, more: 5 })
    expect(extended.json()).toMatchObject({ allowed: true, held: 9, remaining: 1, receipt: null })
    await api.post('/v1/cancel', { reservation: extended.json().reservation })
    expect(await api.left('alice')).toEqual([10])
    const late = await api.post('/v1/extend', { reservation: old, more: 1 })
    expect(late.statusCode).toBe(400)
    expect(await api.left('alice')).toEqual([10])
  })

  it('counts as settled at what it holds after its ttl', async () => {
    await using api = openApi()
    const { reservation } = (await api.post('/v1/reserve', { ...alice, cost: 8, ttl: '10s' })).json()
    api.clock.advance('10s')
    for (const actual of [2, 20]) {
      const answer = await api.post('/v1/settle', { reservation, actual })
      expect(answer.json()).toEqual({ settled: false, actual: null })
    }
    expect(await api.left('alice')).toEqual([2])
  })

  it('gives out nothing where it is denied', async () => {
    await using api = openApi()
    const denied = await api.post('/v1/reserve', { ...alice, cost: 11 })
    expect(denied.statusCode).toBe(429)
    expect(denied.json()).toMatchObject({ allowed: false, reservation: null, held: 0 })
    const asked = await api.post('/v1/reserve?status=200', { ...alice, cost: 11 })
    expect(asked.statusCode).toBe(200)
  })

  it('refuses attributes that make it too long, and holds nothing', async () => {
    await using api = openApi([{ name: 'api', key: 'user', rules: ['10/min'] }])
    const attributes = { user: 'alice', note: 'x'.repeat(40_000) }
    const refused = await api.post('/v1/reserve', { attributes, cost: 5 })
    expect(refused.statusCode).toBe(400)
    expect(await api.left('alice')).toEqual([10])
  })

  it.each([
    ['/v1/reserve', { ...alice, ttl: 'soon' }, 'ttl'],
    ['/v1/reserve', { ...alice, ttl: '25h' }, 'ttl'],
    ['/v1/reserve', { ...alice, ttl: 0 }, 'ttl'],
    ['/v1/settle', { actual: 5 }, 'reservation'],
    ['/v1/settle', { reservation: 'v1.a.b.c' }, 'actual'],
    ['/v1/settle', { reservation: 'v1.a.b.c', actual: 5 }, 'reservation'],
    ['/v1/settle', { reservation: 'v1.a.b.c', actual: -5 }, 'actual'],
    ['/v1/cancel', { reservation: 'v1.a.b.c', actual: 5 }, 'actual'],
    ['/v1/extend', { reservation: 'v1.a.b.c', more: 1.5 }, 'more'],
    ['/v1/extend', { reservation: [], more: 1 }, 'reservation'],
  ])('%s refuses %j', async (path, body, field) => {
    await using api = openApi()
    const refused = await api.post(path, body)
    expect(refused.statusCode).toBe(400)
    expect(refused.json()).toMatchObject({ path: field })
  })

  it('property: a text of which any bit is flipped is refused', async () => {
    await using api = openApi()
    const { reservation } = (await api.post('/v1/reserve', { ...alice, cost: 5 })).json()
    const bytes = Buffer.from(reservation)
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(6), async (at, bit) => {
        const flipped = Buffer.from(bytes)
        flipped[at] = (flipped[at] as number) ^ (1 << bit)
        const refused = await api.post('/v1/settle', { reservation: flipped.toString('latin1'), actual: 0 })
        expect([refused.statusCode, refused.json().code]).toEqual([400, 'invalid-receipt'])
      }),
    )
    expect(await api.left('alice')).toEqual([5])
  })
})

describe('receipts and reservations of another service', () => {
  it('are refused, and with the same words as forged ones', async () => {
    await using one = openApi()
    await using two = openApi()
    const { receipt } = (await one.post('/v1/consume', alice)).json()
    const { reservation } = (await one.post('/v1/reserve', alice)).json()
    const refused = await two.post('/v1/refund', { receipt })
    const forged = await two.post('/v1/refund', { receipt: 'r1.AAAAAAAA.AAAA.AAAA' })
    expect(refused.statusCode).toBe(400)
    expect(refused.json()).toEqual(forged.json())
    expect((await two.post('/v1/cancel', { reservation })).json()).toMatchObject({ code: 'invalid-receipt' })
  })
})
