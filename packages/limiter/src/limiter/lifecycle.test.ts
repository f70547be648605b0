import { describe, expect, it } from 'vitest'
import type { Decision } from '../core/decision.ts'
import type { Limiter } from '../core/limiter.ts'
import type { Receipt } from '../core/receipt.ts'
import type { Store, SyncStore } from '../core/store.ts'
import { createLimiter } from '../create-limiter.ts'
import { memoryStore } from '../stores/memory/index.ts'
import { manualClock } from '../testing/manual-clock.ts'

describe('consumeSync', () => {
  it('answers as consume does', async () => {
    const [one, two] = [simple(), simple()]
    for (const cost of [1, 2, 0, 9, 3]) {
      const [{ receipt: _a, ...sync }, { receipt: _b, ...waited }] = [
        one.consumeSync('a', { cost }),
        await two.consume('a', { cost }),
      ] as [Decision, Decision]
      expect(sync).toEqual(waited)
    }
  })

  it('is refused where the store answers later, and says what to call', () => {
    const limiter = createLimiter<Store>({ limit: '5/s', store: later() })
    const call = limiter.consumeSync as (who: string) => Decision
    expect(() => call.call(limiter, 'a')).toThrow(
      expect.objectContaining({
        code: 'not-synchronous',
        message: expect.stringContaining('await consume()'),
      }),
    )
  })

  it('throws what consume rejects with', () => {
    const limiter = simple()
    expect(() => limiter.consumeSync('', {})).toThrow(expect.objectContaining({ code: 'invalid-key' }))
    expect(() => limiter.consumeSync('a', { cost: -1 })).toThrow(
      expect.objectContaining({ code: 'invalid-cost' }),
    )
    expect(() => limiter.consumeSync('a', { policy: 'x' })).toThrow(
      expect.objectContaining({ code: 'unknown-policy' }),
    )
  })
})

describe('a closed limiter', () => {
  it.each<[string, (limiter: ReturnType<typeof simple>) => unknown]>([
    ['consume', (l) => l.consume('a')],
    ['consumeSync', async (l) => l.consumeSync('a')],
    ['peek', (l) => l.peek('a')],
    ['charge', (l) => l.charge('a', 1)],
    ['credit', (l) => l.credit('a', 1)],
    ['reserve', (l) => l.reserve('a')],
    ['wait', (l) => l.wait('a')],
    ['refund', (l) => l.refund({} as never)],
    ['reset', (l) => l.reset('a')],
  ])('refuses %s and says to create another one', async (_, call) => {
    const limiter = simple()
    await limiter.close()
    await limiter.close()
    await expect(call(limiter)).rejects.toMatchObject({
      code: 'closed',
      message: 'this limiter was closed; create another one',
    })
  })

  it('leaves open a store that it was given', async () => {
    const closed: string[] = []
    const store: Store = { ...later(), close: async () => void closed.push('store') }
    await createLimiter({ limit: '5/s', store }).close()
    expect(closed).toEqual([])
  })
})

describe('on', () => {
  it('hears every decision, those without a store too, until it is taken off', async () => {
    let enabled = true
    const policies = [
      { name: 'p', match: { role: 'user' }, key: 'user', rules: ['1/s'] },
      { name: 'no', match: { role: 'banned' }, key: 'user', rules: ['0/s'] },
    ]
    const limiter = createLimiter({
      policies,
      enabled: () => enabled,
      store: memoryStore({ clock: manualClock() }),
    })
    const heard: string[] = []
    const off = limiter.on('decision', ({ reason }) => heard.push(reason))
    await limiter.consume({ user: 'a', role: 'user' })
    limiter.consumeSync({ user: 'a', role: 'user' })
    await limiter.peek({ role: 'none' })
    limiter.consumeSync({ user: 'a', role: 'banned' })
    enabled = false
    await limiter.consume({ user: 'a', role: 'user' })
    expect(heard).toEqual(['within-limit', 'limited', 'unmatched', 'denied-by-policy', 'disabled'])
    off()
    off()
    await limiter.consume({ user: 'a', role: 'user' })
    expect(heard).toHaveLength(5)
  })

  it('gives each listener the same decision', async () => {
    const limiter = simple()
    const heard: Decision[] = []
    limiter.on('decision', (decision) => heard.push(decision))
    limiter.on('decision', (decision) => heard.push(decision))
    const decision = await limiter.consume('a')
    expect(heard).toEqual([decision, decision])
    expect(heard[0]).toBe(heard[1])
  })

  it('hears one decision a call, whatever the call asks the store meanwhile', async () => {
    const clock = manualClock()
    const limiter = createLimiter({ limit: '5/s', store: memoryStore({ clock }), clock })
    const heard: string[] = []
    limiter.on('decision', ({ cost, allowed }, { verb }) => heard.push(`${verb} ${cost} ${allowed}`))
    await limiter.consume('a')
    limiter.consumeSync('a', { cost: 2 })
    await limiter.peek('a', { cost: 3 })
    await limiter.charge('a', 2)
    await limiter.credit('a', 1)
    const waiting = limiter.wait('a', { cost: 4 })
    await new Promise((resolve) => setImmediate(resolve))
    clock.advance('2s')
    await waiting
    await using reservation = await limiter.reserve('b', { cost: 2 })
    await reservation.extend(1)
    await reservation.settle(9)
    expect(heard).toEqual([
      'consume 1 true',
      'consume 2 true',
      'peek 3 false',
      'charge 2 true',
      'credit 1 true',
      'wait 4 true',
      'reserve 2 true',
      'extend 1 true',
      'settle 6 true',
    ])
  })

  it.each([[5], [null], [undefined], ['log'], [{}]])('refuses %j, which cannot hear', (listener) => {
    expect(() => simple().on('decision', listener as never)).toThrow(
      expect.objectContaining({ code: 'invalid-options', path: 'listener' }),
    )
  })

  it('knows no other event', () => {
    expect(() => simple().on('denied' as never, () => {})).toThrow(
      expect.objectContaining({ code: 'invalid-options', path: 'event' }),
    )
  })
})

describe('charge', () => {
  it('spends into debt, and into nothing that matches nothing', async () => {
    const limiter = simple()
    expect(await limiter.charge('a', 8)).toMatchObject({ allowed: true, remaining: 0, cost: 8 })
    expect(await limiter.consume('a')).toMatchObject({ allowed: false })
    await limiter.reset('a')
    expect(await limiter.consume('a')).toMatchObject({ allowed: true, remaining: 4 })
  })

  it.each([null, -1, 1.5, '5'])('refuses the cost %s', async (cost) => {
    const limiter = simple()
    await expect(limiter.charge('a', cost as never)).rejects.toMatchObject({ code: 'invalid-cost' })
  })
})

describe('credit', () => {
  it('gives back what was spent last, and says how much', async () => {
    const limiter = simple()
    await limiter.consume('a', { cost: 4 })
    const credited = await limiter.credit('a', 3)
    expect(credited).toMatchObject({
      allowed: true,
      reason: 'within-limit',
      cost: 3,
      credited: 3,
      remaining: 4,
    })
    expect(credited).toMatchObject({ source: 'store', policy: 'default', retryAfterMs: 0, receipt: null })
    expect(await limiter.credit('a', 3)).toMatchObject({ credited: 1, remaining: 5 })
    expect(await limiter.credit('a', 3)).toMatchObject({ credited: 0, remaining: 5 })
  })

  it('gives nothing to a key without a record, and asks at a cost of 0', async () => {
    const limiter = simple()
    expect(await limiter.credit('new', 3)).toMatchObject({ allowed: true, credited: 0, remaining: 5 })
    await limiter.charge('a', 8)
    expect(await limiter.credit('a', 0)).toMatchObject({ allowed: false, credited: 0, remaining: 0 })
  })

  it('answers the least of all rules of all policies', async () => {
    const clock = manualClock()
    const policies = [
      { name: 'user', key: 'user', rules: [{ limit: '60/min', burst: 60 }, '100/h'] },
      { name: 'all', key: 'global', rules: ['1000/h'] },
    ]
    const limiter = createLimiter({ policies, store: memoryStore({ clock }) })
    await limiter.consume({ user: 'a' }, { cost: 10 })
    clock.advance('7s')
    const credited = await limiter.credit({ user: 'a' }, 10)
    expect(credited.credited).toBe(3)
    expect(credited.rules.map(({ remaining }) => remaining)).toEqual([60, 100, 1000])
    expect(credited.rules.map(({ retryAfterMs }) => retryAfterMs)).toEqual([0, 0, 0])
  })

  it('says what it would have been where no store is asked', async () => {
    const none = createLimiter({ policies: [] })
    expect(await none.credit('a', 3)).toMatchObject({ allowed: true, reason: 'unmatched', credited: 0 })
    const denied = createLimiter({ limit: '0/s' })
    expect(await denied.credit('a', 3)).toMatchObject({ reason: 'denied-by-policy', credited: 0 })
  })
})

describe('reset', () => {
  it('answers the policies whose budgets it forgot', async () => {
    const limiter = createLimiter({
      policies: [
        { name: 'all', key: 'global', rules: ['5/h'] },
        { name: 'user', key: 'user', rules: ['5/h'] },
        { name: 'export', key: 'user', match: { path: '/export/**' }, rules: ['5/h'] },
      ],
    })
    await limiter.consume({ user: 'a', path: '/export/x' }, { cost: 2 })
    expect(await limiter.reset({ user: 'a' })).toEqual(['user', 'export'])
    const { rules } = await limiter.peek({ user: 'a', path: '/export/x' }, { cost: 0 })
    expect(rules.map(({ remaining }) => remaining)).toEqual([3, 5, 5])
    expect(await limiter.reset({ user: 'a' }, { policy: 'all' })).toEqual(['all'])
    expect(await limiter.peek({ user: 'a' }, { cost: 0 })).toMatchObject({ remaining: 5 })
    expect(await limiter.reset({ team: 'a' })).toEqual([])
  })
})

describe('wait', () => {
  it.each(['soon', '-1s', Number.NaN])('refuses the timeout %s before it asks', async (timeout) => {
    const limiter = simple()
    await expect(limiter.wait('a', { timeout })).rejects.toMatchObject({
      code: 'invalid-options',
      path: 'options.timeout',
    })
    expect(await limiter.peek('a', { cost: 0 })).toMatchObject({ remaining: 5 })
  })

  // Fails until StoreLimiter.wait names its queues unambiguously.
  it('lets nobody choose the queue of others by a crafted key', async () => {
    const clock = manualClock()
    const policies = [
      { name: 'p', key: 'user', rules: ['1/s'] },
      { name: 'q', key: 'team', match: { role: 'admin' }, rules: ['1/s'] },
    ]
    const limiter = createLimiter({ policies, store: memoryStore({ clock }), clock })
    const admin = { user: 'x', role: 'admin', team: 'y' }
    await limiter.consume(admin)
    const waiting = limiter.wait(admin, { timeout: '1h' }).catch(() => {})
    await new Promise((resolve) => setImmediate(resolve))
    const decision = await limiter.wait({ user: 'x q:y' }, { timeout: '1ms' })
    await limiter.close()
    await waiting
    expect(decision.allowed).toBe(true)
  })
})

describe('those who wait', () => {
  const policies = [
    { name: 'user', key: 'user', rules: ['1/h'] },
    { name: 'all', key: 'global', rules: ['2/h'] },
  ]
  const ways: [string, (limiter: Limiter, receipt: Receipt) => unknown][] = [
    ['a refund under a key of all', (l, receipt) => l.refund(receipt)],
    ['a credit', (l) => l.credit({ user: 'b' }, 1)],
    ['a reset', (l) => l.reset({ user: 'b' }, { policy: 'all' })],
    ['other rules', (l) => l.policies.set({ name: 'all', key: 'global', rules: ['9/h'] })],
    ['one policy less', (l) => l.policies.delete('all')],
  ]

  it.each(ways)('are served after %s', async (_, change) => {
    const clock = manualClock()
    const limiter = createLimiter({ policies, store: memoryStore({ clock }), clock })
    const { receipt } = await limiter.consume({ user: 'b' })
    await limiter.consume({ user: 'c' })
    const waiting = limiter.wait({ user: 'a' })
    await new Promise((resolve) => setImmediate(resolve))
    expect(clock.pending).toBe(1)
    clock.advance('1s')
    await change(limiter, receipt as Receipt)
    expect(await waiting).toMatchObject({ allowed: true })
    expect(clock.pending).toBe(0)
    await limiter.close()
  })
})

describe('policies', () => {
  it('are changed at run time, and keep the state of rules by name', async () => {
    const limiter = createLimiter({
      policies: [{ name: 'p', rules: ['5/min'] }],
      store: memoryStore({ clock: manualClock() }),
    })
    await limiter.consume('a', { cost: 3 })
    limiter.policies.set({ name: 'p', rules: ['9/min'] })
    expect(limiter.policies.list()).toEqual([{ name: 'p', rules: ['9/min'] }])
    expect(await limiter.consume('a')).toMatchObject({ limit: 9, remaining: 5 })
  })

  it.each([[undefined], [null], [5], ['p']])('refuse %j', (policy) => {
    const limiter = createLimiter({ policies: [{ name: 'p', rules: ['5/min'] }] })
    expect(() => limiter.policies.set(policy as never)).toThrow(
      expect.objectContaining({ code: 'invalid-options', path: 'policies[1]' }),
    )
    if (policy !== 'p') {
      expect(() => limiter.policies.delete(policy as never)).toThrow(
        expect.objectContaining({ code: 'unknown-policy' }),
      )
    }
    expect(limiter.policies.list().map(({ name }) => name)).toEqual(['p'])
  })

  it('stay as they are when a change is refused', () => {
    const limiter = createLimiter({ policies: [{ name: 'p', rules: ['5/min'] }] })
    expect(() => limiter.policies.set({ name: 'q', rules: [] })).toThrow(
      expect.objectContaining({ code: 'invalid-options' }),
    )
    expect(limiter.policies.list().map(({ name }) => name)).toEqual(['p'])
  })
})

describe('wrong usage', () => {
  it('knows no policy that is not there, and suggests one', async () => {
    const limiter = users()
    const error = { code: 'unknown-policy', message: 'no policy is named "usr" (did you mean "user"?)' }
    await expect(limiter.consume({ user: 'a' }, { policy: 'usr' })).rejects.toMatchObject(error)
    await expect(limiter.reset({ user: 'a' }, { policy: '__proto__' })).rejects.toMatchObject({
      code: 'unknown-policy',
    })
    expect(() => limiter.policies.delete('usr')).toThrow('did you mean "user"?')
  })

  it('refuses an option it does not know', async () => {
    const limiter = users()
    await expect(limiter.consume({ user: 'a' }, { costs: 2 } as never)).rejects.toThrow(
      '(did you mean "cost"?)',
    )
    await expect(limiter.reset({ user: 'a' }, { cost: 2 } as never)).rejects.toThrow('unknown field "cost"')
    await expect(limiter.consume({ user: 'a' }, null as never)).rejects.toMatchObject({
      code: 'invalid-options',
    })
  })
})

function users(): Limiter {
  return createLimiter({ policies: [{ name: 'user', key: 'user', rules: ['5/s'] }] })
}

function simple(): Limiter<SyncStore> {
  return createLimiter({ limit: '5/s', store: memoryStore({ clock: manualClock() }) })
}

function later(): Store {
  const inner = memoryStore({ clock: manualClock() })
  return {
    decide: (verb, requests) => inner.decide(verb, requests),
    refund: (refunds) => inner.refund(refunds),
    reset: (keys) => inner.reset(keys),
    block: (keys, lengthUs) => inner.block(keys, lengthUs),
    close: async () => {},
  }
}
