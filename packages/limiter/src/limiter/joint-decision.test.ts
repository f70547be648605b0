import { describe, expect, it, vi } from 'vitest'
import type { LimitRequest } from '../core/limiter.ts'
import { createLimiter } from '../create-limiter.ts'
import { memoryStore } from '../stores/memory/index.ts'
import { manualClock } from '../testing/manual-clock.ts'

function limiterOf(limit = '3/min') {
  const clock = manualClock()
  const rules = [{ algorithm: 'fixed-window', limit }]
  const policies = [{ name: 'each', key: 'user', rules }]
  return { clock, limiter: createLimiter({ policies, store: memoryStore({ clock }) }) }
}

const user = (name: string, more: Partial<LimitRequest> = {}): LimitRequest => ({
  who: { user: name },
  ...more,
})

describe('several requests decided together', () => {
  it('are spent where all pass, with a decision each', async () => {
    const { limiter } = limiterOf()
    const answer = await limiter.decide([user('a'), user('b', { cost: 2 })])
    expect(answer).toMatchObject({ allowed: true, retryAfterMs: 0 })
    expect(answer.decisions).toMatchObject([
      { allowed: true, remaining: 2, cost: 1, policy: 'each' },
      { allowed: true, remaining: 1, cost: 2 },
    ])
  })

  it('are none of them spent where one is denied, and wait for that one', async () => {
    const { limiter, clock } = limiterOf()
    await limiter.decide([user('b', { cost: 3 })])
    clock.advance('20s')
    const answer = await limiter.decide([user('a'), user('b')])
    expect(answer).toMatchObject({ allowed: false, retryAfterMs: 40_000 })
    expect(answer.decisions).toMatchObject([
      { allowed: true, remaining: 3, receipt: null },
      { allowed: false, reason: 'limited', remaining: 0, retryAfterMs: 40_000 },
    ])
    clock.advance('40s')
    expect(await limiter.decide([user('a'), user('b')])).toMatchObject({ allowed: true })
  })

  it('of one budget count as their sum', async () => {
    const { limiter } = limiterOf()
    expect(await limiter.decide([user('a', { cost: 2 }), user('a', { cost: 2 })])).toMatchObject({
      allowed: false,
      retryAfterMs: null,
      decisions: [{ reason: 'cost-exceeds-capacity' }, { reason: 'cost-exceeds-capacity' }],
    })
    const { decisions } = await limiter.decide([user('a'), user('a', { cost: 2 })])
    expect(decisions).toMatchObject([
      { remaining: 0, cost: 1 },
      { remaining: 0, cost: 2 },
    ])
  })

  it('pass in a group where one of the group does, and wait for the first of it', async () => {
    const { limiter, clock } = limiterOf()
    await limiter.charge({ user: 'a' }, 3)
    clock.advance('15s')
    await limiter.charge({ user: 'b' }, 3)
    const either = ['a', 'b'].map((name) => user(name, { anyOf: 'either' }))
    expect(await limiter.decide(either)).toMatchObject({ allowed: false, retryAfterMs: 45_000 })
    clock.advance('45s')
    const { allowed, decisions } = await limiter.decide([...either, user('c')])
    expect(allowed).toBe(true)
    expect(decisions).toMatchObject([
      { allowed: true, remaining: 2 },
      { allowed: false, retryAfterMs: 15_000 },
      { allowed: true, remaining: 2 },
    ])
  })

  it('are alternatives and no sum, where they are of one group under one key: the first that passes is spent', async () => {
    const { limiter } = limiterOf()
    const twice = [2, 3, 1].map((cost) => user('a', { cost, anyOf: 'g' }))
    const answer = await limiter.decide([user('a'), ...twice])
    expect(answer.allowed).toBe(true)
    expect(answer.decisions.map(({ allowed, receipt }) => [allowed, receipt !== null])).toEqual([
      [true, true],
      [true, true],
      [false, false],
      [true, false],
    ])
    expect(await limiter.peek({ user: 'a' }, { cost: 0 })).toMatchObject({ remaining: 0 })
  })

  it('of one key with other rates are spent one after the other, all or none', async () => {
    const { limiter } = limiterOf('6/min')
    const left = async () => (await limiter.peek({ user: 'a' }, { cost: 0 })).remaining
    const pair = (cost: number) => [user('a', { cost }), user('a', { cost: 2, limit: '5/min' })]
    expect(await limiter.decide(pair(2))).toMatchObject({
      allowed: true,
      decisions: [{ limit: 6 }, { limit: 5, remaining: 1 }],
    })
    expect(await left()).toBe(2)
    expect(await limiter.decide(pair(1))).toMatchObject({
      allowed: false,
      decisions: [{ receipt: null }, { receipt: null }],
    })
    expect(await left()).toBe(2)
  })

  it('made in one turn of the event loop do not see the answers of each other', async () => {
    const { limiter } = limiterOf('20/min')
    const many = await Promise.all(Array.from({ length: 40 }, () => limiter.decide([user('a')])))
    expect(many.filter(({ allowed }) => allowed)).toHaveLength(20)
    const [full, fresh] = await Promise.all([limiter.decide([user('a')]), limiter.decide([user('b')])])
    expect([full?.allowed, fresh?.allowed]).toEqual([false, true])
    const later = limiter.decide([user('a')])
    limiter.consumeSync({ user: 'c' })
    expect(await later).toMatchObject({ allowed: false })
    const spends = await Promise.all([
      limiter.decide([user('g', { cost: 3 })]),
      limiter.decide([user('h', { cost: 8 })]),
    ])
    const receipts = spends.map(({ decisions }) => decisions[0]?.receipt as never)
    expect(await Promise.all(receipts.map((receipt) => limiter.refund(receipt)))).toEqual([3, 8])
  })

  it('are denied where a charge among them is denied by a list, and nothing is spent', async () => {
    const policies = [{ name: 'each', key: 'user', rules: ['3/min'] }]
    const limiter = createLimiter({ policies, deny: { user: ['mallory'] } })
    const answer = await limiter.decide([user('a'), user('mallory', { verb: 'charge', cost: 4 })])
    expect(answer).toMatchObject({
      allowed: false,
      retryAfterMs: null,
      decisions: [{ allowed: true, receipt: null }, { reason: 'denied-by-policy' }],
    })
    expect(await limiter.peek({ user: 'a' }, { cost: 0 })).toMatchObject({ remaining: 3 })
  })

  it('spend nothing where a peek among them is denied', async () => {
    const { limiter } = limiterOf()
    await limiter.charge({ user: 'b' }, 3)
    expect(await limiter.decide([user('a'), user('b', { verb: 'peek' })])).toMatchObject({ allowed: false })
    expect(await limiter.peek({ user: 'a' }, { cost: 0 })).toMatchObject({ remaining: 3 })
  })

  it('charge and credit where all others pass, and else say what is left', async () => {
    const { limiter } = limiterOf()
    const other = [user('b', { verb: 'charge', cost: 5 }), user('c', { verb: 'credit', cost: 2 })]
    await limiter.charge({ user: 'c' }, 1)
    expect(await limiter.decide([user('a', { cost: 4 }), ...other])).toMatchObject({
      allowed: false,
      decisions: [
        { allowed: false },
        { remaining: 3, receipt: null, cost: 5 },
        { remaining: 2, receipt: null, cost: 2, credited: 0 },
      ],
    })
    expect(await limiter.decide([user('a'), ...other])).toMatchObject({
      allowed: true,
      decisions: [{ remaining: 2 }, { remaining: 0 }, { remaining: 3, credited: 1 }],
    })
  })

  it('are decided without the store where nothing is to be judged', async () => {
    const policies = [
      { name: 'none', match: { role: 'guest' }, key: 'user', rules: ['0/min'] },
      { name: 'vip', match: { role: 'vip' }, key: 'user', rules: ['5/min'] },
    ]
    const limiter = createLimiter({ policies, deny: { user: ['mallory'] }, allow: { user: ['root'] } })
    const reasons = async (...attributes: Record<string, string>[]) => {
      const { allowed, decisions } = await limiter.decide(attributes.map((who) => ({ who })))
      return [allowed, ...decisions.map(({ reason }) => reason)]
    }
    expect(await reasons({ user: 'root' }, { user: 'a' })).toEqual([true, 'unmatched', 'unmatched'])
    expect(await reasons({ user: 'a', role: 'vip' }, { user: 'b', role: 'guest' })).toEqual([
      false,
      'within-limit',
      'denied-by-policy',
    ])
    expect(await reasons({ user: 'a', role: 'vip' }, { user: 'mallory' })).toEqual([
      false,
      'within-limit',
      'denied-by-policy',
    ])
    expect(await limiter.peek({ user: 'a', role: 'vip' }, { cost: 0 })).toMatchObject({ remaining: 5 })
  })

  it('are heard one by one, each with its verb', async () => {
    const { limiter } = limiterOf()
    const heard: string[] = []
    limiter.on('decision', ({ remaining }, { verb }) => heard.push(`${verb} ${remaining}`))
    await limiter.decide([user('a'), user('b', { verb: 'charge', cost: 2 })])
    expect(heard).toEqual(['consume 2', 'charge 1'])
  })

  it('let those go on who wait for what they give back', async () => {
    const { limiter } = limiterOf()
    await limiter.charge({ user: 'a' }, 3)
    const waiting = limiter.wait({ user: 'a' })
    const answered = vi.fn()
    void waiting.then(answered)
    await limiter.decide([user('a', { verb: 'credit', cost: 1 })])
    expect(await waiting).toMatchObject({ allowed: true, remaining: 0 })
  })

  it.each([
    [[], 'requests: a list of 0 is not a list of 1 to 100 requests'],
    [new Array(1), 'requests[0]: undefined is not an object of who'],
    [
      Array.from({ length: 101 }, () => user('a')),
      'requests: a list of 101 is not a list of 1 to 100 requests',
    ],
    [{}, 'requests: an object is not a list'],
    [['a'], 'requests[0]: "a" is not an object of who, verb'],
    [[user('a'), user('b', { cost: -1 })], 'requests[1]: -1 is not a cost'],
    [[user('a', { cots: 1 } as never)], 'requests[0]: unknown field "cots" (did you mean "cost"?)'],
    [[user('a', { verb: 'spend' as never })], 'requests[0].verb: "spend" is not a verb; use consume'],
    [[user('a', { anyOf: 1 as never })], 'requests[0].anyOf: 1 is not a group of requests; use a text'],
    [[user('a', { verb: 'charge', anyOf: 'g' })], '"charge" is never denied; leave it out'],
    [[user('a', { policy: 'eahc' })], 'requests[0]: no policy is named "eahc" (did you mean "each"?)'],
    [[user('a', { limit: 'x' as never })], 'requests[0].limit'],
  ])('are refused before anything is spent: %j', async (requests, message) => {
    const { limiter } = limiterOf()
    await expect(limiter.decide(requests as never)).rejects.toThrow(message)
    expect(await limiter.peek({ user: 'a' }, { cost: 0 })).toMatchObject({ remaining: 3 })
  })
})
