import { HeadgateError, memoryStore, type PolicyOptions } from 'headgate'
import { manualClock } from 'headgate/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Scope } from '../../src/service/access/scope.ts'
import type { TokenSettings } from '../../src/service/access/token-settings.ts'
import { newToken, tokenHash } from '../../src/service/access/token-text.ts'
import { createService } from '../../src/service/create-service.ts'
import type { Service } from '../../src/service/service.ts'

const test = { transport: 'test' }
const POLICIES: readonly PolicyOptions[] = [
  { name: 'everybody', key: 'user', rules: ['1000/min'] },
  { name: 'shop-carts', match: { domain: 'shop' }, key: 'user', rules: ['100/min'] },
  { name: 'bank-transfers', match: { domain: 'bank' }, key: 'user', rules: ['100/min'] },
]

const held = new Map<string, string>()
let service: Service

function holder(settings: Omit<TokenSettings, 'hash'>): TokenSettings {
  const token = newToken()
  held.set(settings.name, token)
  return { ...settings, hash: tokenHash(token) }
}

const as = (name: string): Service => service.callerOf(held.get(name))

beforeEach(() => {
  const scopes: readonly Scope[] = ['consume', 'adjust', 'read', 'admin']
  service = createService({
    configuration: {
      policies: POLICIES,
      allow: {},
      deny: { user: ['mallory'] },
      notInForce: [],
      hash: 'a',
      tokens: [
        ...scopes.map((scope) => holder({ name: scope, scopes: [scope] })),
        holder({ name: 'shop', scopes, domains: ['shop'] }),
        holder({ name: 'bank', scopes, domains: ['bank*'] }),
        holder({ name: 'carts', scopes, policies: ['*-carts'] }),
        holder({ name: 'slow', scopes, limit: '2/min' }),
      ],
    },
    store: {
      store: memoryStore({ clock: manualClock() }),
      label: 'memory',
      resilience: {},
      ping: async () => {},
    },
  })
})

afterEach(() => service.close())

const who = { user: 'alice', domain: 'shop' }

describe('the service of a token', () => {
  it('is one for all its requests, and knows of what happens between them', () => {
    const first = as('consume')
    expect(first.isDraining).toBe(false)
    service.drain()
    expect(as('consume')).toBe(first)
    expect(first.isDraining).toBe(true)
  })
})

/** What each verb needs. */
const VERBS: Record<string, { readonly scope: Scope; readonly call: (service: Service) => unknown }> = {
  consume: { scope: 'consume', call: (of) => of.decide([{ who }], test) },
  peek: { scope: 'consume', call: (of) => of.decide([{ who, verb: 'peek' }], test) },
  charge: { scope: 'adjust', call: (of) => of.decide([{ who, verb: 'charge' }], test) },
  credit: { scope: 'adjust', call: (of) => of.decide([{ who, verb: 'credit', cost: 1 }], test) },
  report: { scope: 'consume', call: (of) => of.report([{ who }], test) },
  wait: {
    scope: 'consume',
    call: (of) => of.wait({ who }, { ...test, timeoutMs: 0, signal: new AbortController().signal }),
  },
  reserve: { scope: 'consume', call: (of) => of.reserve({ who }, test) },
  explain: { scope: 'read', call: (of) => of.explain(who, {}) },
  usage: { scope: 'read', call: (of) => of.usage(who) },
  policies: { scope: 'read', call: (of) => of.policies() },
  keysOf: { scope: 'read', call: (of) => of.keysOf(who) },
  health: { scope: 'read', call: (of) => of.health() },
  reset: { scope: 'admin', call: (of) => of.reset(who, test) },
  block: { scope: 'admin', call: (of) => of.block(who, '1m', test) },
  unblock: { scope: 'admin', call: (of) => of.unblock(who, test) },
  refund: { scope: 'consume', call: async (of) => of.refund(await receipt()) },
  settle: { scope: 'consume', call: async (of) => of.settle(await reservation(), 1) },
  extend: { scope: 'consume', call: async (of) => of.extend(await reservation(), 1, test) },
}

async function receipt(of: Service = service, spender = who): Promise<string> {
  const { decisions } = await of.decide([{ who: spender }], test)
  return (await of.seal(decisions[0]?.receipt as never)) as string
}

async function reservation(of: Service = service): Promise<string> {
  return (await of.reserve({ who }, test)).reservation as string
}

async function outcome(call: () => unknown): Promise<string> {
  try {
    await call()
    return 'done'
  } catch (reason) {
    return HeadgateError.from(reason).code
  }
}

describe('the scopes of a token', () => {
  const tokens = ['consume', 'adjust', 'read', 'admin'] as const
  const cases = Object.entries(VERBS).flatMap(([verb, needs]) =>
    tokens.map((token) => ({ verb, token, ...needs })),
  )

  it.each(cases)('$token: $verb', async ({ token, scope, call }) => {
    const may = token === scope || (token === 'admin' && scope === 'read')
    expect(await outcome(() => call(as(token)))).toBe(may ? 'done' : 'forbidden')
  })

  it('to consume do not let it bring a limit', async () => {
    const limited = { who, policy: 'shop-carts', limit: '9/min' } as const
    expect(await outcome(() => as('consume').decide([limited], test))).toBe('forbidden')
    expect(await outcome(() => as('consume').reserve(limited, test))).toBe('forbidden')
    const own = { who: 'job', policy: 'http', rule: { limit: '9/min' } } as const
    expect(await outcome(() => as('consume').decide([own], test))).toBe('forbidden')
    expect(await outcome(() => as('carts').decide([limited], test))).toBe('done')
  })
})

describe('a token of some domains', () => {
  it('asks for these alone', async () => {
    expect(await outcome(() => as('shop').decide([{ who }], test))).toBe('done')
    for (const other of [
      { user: 'alice' },
      { user: 'alice', domain: 'bank' },
      'alice',
      { user: 'a', domain: '' },
    ]) {
      expect(await outcome(() => as('shop').decide([{ who: other }], test))).toBe('forbidden')
    }
    const two = [{ who }, { who: { ...who, domain: 'bank' } }]
    expect(await outcome(() => as('shop').decide(two, test))).toBe('forbidden')
    expect(await outcome(() => as('shop').decide([{ who, policy: 'bank-transfers' }], test))).toBe(
      'forbidden',
    )
    expect(await outcome(() => as('shop').decide([{ who, policy: 'everybody' }], test))).toBe('forbidden')
  })

  it('changes and sees policies of these alone', async () => {
    expect(await outcome(() => as('shop').reset(who, test))).toBe('forbidden')
    await expect((async () => as('shop').reset(who, test))()).rejects.toThrow(
      'is for some domains only; name a policy of theirs as policy',
    )
    expect(await outcome(() => as('shop').reset(who, { ...test, policy: 'everybody' }))).toBe('forbidden')
    expect(await outcome(() => as('shop').block(who, '1m', { ...test, policy: 'bank-transfers' }))).toBe(
      'forbidden',
    )
    expect(await as('shop').reset(who, { ...test, policy: 'shop-carts' })).toEqual(['shop-carts'])
    const { policies, deny } = as('shop').policies()
    expect(policies.map(({ name }) => name)).toEqual(['shop-carts'])
    expect(deny).toEqual({})
    expect((await as('shop').explain(who, {})).policies.map(({ policy }) => policy)).toEqual(['shop-carts'])
    expect(
      as('shop')
        .keysOf(who)
        .map(({ policy }) => policy),
    ).toEqual(['shop-carts'])
  })

  it('neither sees nor changes what rules of calls count, which is of everybody', async () => {
    const job = { key: 'job', domain: 'shop' }
    for (const policy of ['http', 'resp', 'grpc', 'envoy']) {
      expect(await outcome(() => as('shop').reset(job, { ...test, policy }))).toBe('forbidden')
      expect(await outcome(() => as('shop').block(job, '1m', { ...test, policy }))).toBe('forbidden')
      expect(await outcome(() => as('shop').explain(job, { policy }))).toBe('forbidden')
    }
  })

  it('gives back what it spent, and no other does', async () => {
    const spent = await receipt(as('shop'))
    expect(await outcome(() => as('bank').refund(spent))).toBe('forbidden')
    expect(await as('shop').refund(spent)).toBe(1)
    const held = await reservation(as('shop'))
    expect(await outcome(() => as('bank').settle(held, 0))).toBe('forbidden')
    const { reservation: extended } = await as('shop').extend(held, 1, test)
    expect(await outcome(() => as('bank').settle(extended as string, 0))).toBe('forbidden')
    expect(await as('shop').settle(extended as string, 0)).toMatchObject({ settled: true })
  })

  it('gives back nothing that was spent for nobody in particular', async () => {
    expect(
      await outcome(async () => as('bank').refund(await receipt(service, { user: 'alice', domain: 'bank' }))),
    ).toBe('forbidden')
  })
})

describe('a token of some policies', () => {
  it('has to name one of them', async () => {
    expect(await outcome(() => as('carts').decide([{ who }], test))).toBe('forbidden')
    expect(await outcome(() => as('carts').decide([{ who, policy: 'everybody' }], test))).toBe('forbidden')
    expect(await outcome(() => as('carts').decide([{ who, policy: 'shop-carts' }], test))).toBe('done')
    expect(await outcome(() => as('carts').reset(who, test))).toBe('forbidden')
    expect(await as('carts').reset(who, { ...test, policy: 'shop-carts' })).toEqual(['shop-carts'])
    expect(
      as('carts')
        .policies()
        .policies.map(({ name }) => name),
    ).toEqual(['shop-carts'])
  })

  it('learns of a policy that is none only where its name would fit', async () => {
    expect(await outcome(() => as('carts').decide([{ who, policy: 'no-carts' }], test))).toBe(
      'unknown-policy',
    )
    expect(await outcome(() => as('carts').decide([{ who, policy: 'nothing' }], test))).toBe('forbidden')
  })

  it('gives back what was spent from these alone', async () => {
    expect(await outcome(async () => as('carts').refund(await receipt()))).toBe('forbidden')
    const { decisions } = await as('carts').decide([{ who, policy: 'shop-carts' }], test)
    expect(await as('carts').refund((await as('carts').seal(decisions[0]?.receipt as never)) as string)).toBe(
      1,
    )
  })
})

describe('a limit of a token', () => {
  it('counts every request of its holder, and goes on where the configuration changes', async () => {
    const ask = (): Promise<string> => outcome(() => as('slow').policies())
    expect([await ask(), await ask(), await ask()]).toEqual(['done', 'done', 'limited'])
    const { hash: _, ...configuration } = service.configuration()
    service.apply({ ...configuration, hash: 'b' })
    expect(await ask()).toBe('limited')
    expect(await outcome(() => as('read').policies())).toBe('done')
  })
})

describe('callers', () => {
  it('are named in events', async () => {
    const heard: (string | undefined)[] = []
    service.on('decision', ({ actor }) => heard.push(actor))
    service.on('change', ({ actor, action, policies }) => heard.push(`${actor} ${action} ${policies.join()}`))
    await as('consume').decide([{ who }], test)
    await as('admin').block(who, '1m', { ...test, policy: 'shop-carts' })
    expect(heard).toEqual(['consume', 'admin block shop-carts'])
  })

  it('without a token, or with another one, are refused', () => {
    expect(() => service.callerOf(undefined)).toThrow(HeadgateError)
    expect(() => service.callerOf(newToken())).toThrow(/none of this service/)
  })
})
