import { describe, expect, it } from 'vitest'
import type { Decision } from '../core/decision.ts'
import type { Limiter } from '../core/limiter.ts'
import type { PolicyOptions } from '../core/policy-options.ts'
import type { Receipt } from '../core/receipt.ts'
import type { SyncStore } from '../core/store.ts'
import { createLimiter } from '../create-limiter.ts'
import { memoryStore } from '../stores/memory/index.ts'
import { type ManualClock, manualClock } from '../testing/manual-clock.ts'
import { checkReceipt } from './check-receipt.ts'

describe('a receipt', () => {
  it('is plain data that says whose budget was spent', () => {
    const { limiter, clock } = bench()
    expect(limiter.consumeSync('alice', { cost: 4 }).receipt).toEqual({
      origin: { policy: 'default', override: -1, limit: [], rules: ['1m sliding-window 60000000'] },
      key: 'alice',
      cost: 4,
      fallbackId: null,
      numbers: [clock.now() + 60_000_000, expect.any(Number), 0, 0, 4, clock.now()],
      process: expect.stringMatching(/^[0-9a-z]+$/),
      spend: expect.any(Number),
      others: [],
    })
  })

  it('is the same whichever way a decision is made', () => {
    const { limiter } = bench()
    const [hot, general] = [limiter.consumeSync('a'), limiter.consumeSync('b', { cost: 1 })]
    expect(Object.keys(receiptOf(hot))).toEqual(Object.keys(receiptOf(general)))
    const { spend: _a, key: _b, numbers, ...one } = receiptOf(hot)
    const { spend: _c, key: _d, numbers: others, ...two } = receiptOf(general)
    expect(one).toEqual(two)
    expect([numbers.length, numbers[0], numbers[4], numbers[5]]).toEqual([6, others[0], others[4], others[5]])
  })

  it('names its spend as no other does', () => {
    const { limiter } = bench('5000/min')
    const spends = Array.from({ length: 1000 }, () => receiptOf(limiter.consumeSync('a')))
    expect(new Set(spends.map(({ process, spend }) => `${process} ${spend}`)).size).toBe(1000)
  })

  it.each([
    ['as it is', (receipt: Receipt) => receipt],
    ['through JSON', (receipt: Receipt) => JSON.parse(JSON.stringify(receipt))],
    ['through structuredClone', (receipt: Receipt) => structuredClone(receipt)],
  ])('is taken %s, with any key', async (_, sent) => {
    const { limiter, left } = bench()
    for (const key of ['a', '\0', '\n', '{}', '"', 'a\ud800', '__proto__', 'é', 'e\u0301', '~g']) {
      const { receipt } = limiter.consumeSync(key, { cost: 4 })
      expect(await limiter.refund(sent(receipt as Receipt))).toBe(4)
      expect(await left(key)).toBe(10)
    }
  })
})

describe('what is no receipt', () => {
  const receipt = receiptOf(bench().limiter.consumeSync('a'))
  const { origin } = receipt
  const other = { origin, key: 'b', cost: 1, fallbackId: null, numbers: receipt.numbers }

  it.each<[string, unknown, string]>([
    ['nothing', '', 'receipt'],
    ['undefined', undefined, 'receipt'],
    ['null', null, 'receipt'],
    ['a number', 5, 'receipt'],
    ['a list', [receipt], 'receipt'],
    ['a text', JSON.stringify(receipt), 'receipt'],
    ['an object', {}, 'receipt.origin'],
    ['an allowed decision', { allowed: true, receipt }, 'receipt.origin'],
    ['one whose fields are inherited', Object.create(receipt), 'receipt.origin'],
    ['no origin', { ...receipt, origin: null }, 'receipt.origin'],
    ['no policy', { ...receipt, origin: { ...origin, policy: '' } }, 'receipt.origin.policy'],
    ['half an override', { ...receipt, origin: { ...origin, override: 0.5 } }, 'receipt.origin.override'],
    [
      'an override before the first',
      { ...receipt, origin: { ...origin, override: -2 } },
      'receipt.origin.override',
    ],
    ['a limit that is no list', { ...receipt, origin: { ...origin, limit: '1/s' } }, 'receipt.origin.limit'],
    ['rules that are no list', { ...receipt, origin: { ...origin, rules: 'r' } }, 'receipt.origin.rules'],
    ['a rule without a name', { ...receipt, origin: { ...origin, rules: [''] } }, 'receipt.origin.rules'],
    ['more rules than numbers', { ...receipt, origin: { ...origin, rules: ['a', 'b'] } }, 'receipt.numbers'],
    ['an empty key', { ...receipt, key: '' }, 'receipt.key'],
    ['a negative cost', { ...receipt, cost: -3 }, 'receipt.cost'],
    ['half a unit', { ...receipt, cost: 0.5 }, 'receipt.cost'],
    ['a cost of text', { ...receipt, cost: '3' }, 'receipt.cost'],
    ['a fallback without a name', { ...receipt, fallbackId: '' }, 'receipt.fallbackId'],
    ['no numbers', { ...receipt, numbers: null }, 'receipt.numbers'],
    ['too few numbers', { ...receipt, numbers: receipt.numbers.slice(1) }, 'receipt.numbers'],
    ['a negative number', { ...receipt, numbers: receipt.numbers.with(0, -1) }, 'receipt.numbers'],
    ['half a number', { ...receipt, numbers: receipt.numbers.with(1, 0.5) }, 'receipt.numbers'],
    ['no process', { ...receipt, process: 'a b' }, 'receipt.process'],
    ['no spend', { ...receipt, spend: 0 }, 'receipt.spend'],
    ['others that are no list', { ...receipt, others: {} }, 'receipt.others'],
    ['another of null', { ...receipt, others: [null] }, 'receipt.others[0].origin'],
    ['another without a key', { ...receipt, others: [other, { ...other, key: 1 }] }, 'receipt.others[1].key'],
  ])('is refused at its place: %s', async (_, value, path) => {
    const refused = {
      code: 'invalid-receipt',
      path,
      message: expect.stringContaining('pass the receipt field'),
    }
    expect(() => checkReceipt(value)).toThrow(expect.objectContaining(refused))
    await expect(bench().limiter.refund(value as never)).rejects.toMatchObject(refused)
  })

  it('is not what is refused above, but for one thing', () => {
    expect(checkReceipt(receipt)).toBe(receipt)
    expect(checkReceipt({ ...receipt, others: [other] })).toMatchObject({ others: [{ key: 'b' }] })
  })
})

describe('refund', () => {
  it('gives one spend back, once, and answers how much', async () => {
    const { limiter, left } = bench()
    const { receipt } = await limiter.consume('a', { cost: 4 })
    await limiter.consume('a', { cost: 3 })
    expect(await left()).toBe(3)
    const given = []
    for (let i = 0; i < 3; i++) given.push(await limiter.refund(receipt as Receipt))
    expect(given).toEqual([4, 0, 0])
    expect(await left()).toBe(7)
  })

  it('has nothing to give where nothing was spent', async () => {
    const { limiter } = bench()
    expect((await limiter.peek('a')).receipt).toBeNull()
    expect((await limiter.consume('a', { cost: 0 })).receipt).toBeNull()
    expect((await limiter.consume('a', { cost: 11 })).receipt).toBeNull()
    expect((await limiter.credit('a', 11)).receipt).toBeNull()
    expect((await limiter.charge('a', 11)).receipt).toMatchObject({ key: 'a', cost: 11 })
  })

  it('gives back to every policy that was charged, and answers the least', async () => {
    const policies = [
      { name: 'user', key: 'user', rules: ['10/min', '20/h'] },
      { name: 'all', key: 'global', rules: [{ limit: '30/min', burst: 30 }] },
    ]
    const { limiter, clock } = benchOf(policies)
    const { receipt } = await limiter.consume({ user: 'a' }, { cost: 7 })
    const rest = async () =>
      (await limiter.peek({ user: 'a' }, { cost: 0 })).rules.map(({ remaining }) => remaining)
    expect(await rest()).toEqual([3, 13, 23])
    clock.advance('5s')
    // 2.5 of the bucket's 7 have drained since.
    expect(await limiter.refund(receipt as Receipt)).toBe(4)
    expect(await rest()).toEqual([10, 20, 30])
  })

  it('gives back where an override or a limit of the call was charged', async () => {
    const overrides = [{ match: { user: 'vip' }, rules: { '1m': { limit: '50/h' } } }]
    const { limiter } = benchOf([{ name: 'user', key: 'user', rules: ['10/min'], overrides }])
    const who = { user: 'vip' }
    const one = await limiter.consume(who, { cost: 20 })
    const two = await limiter.consume({ user: 'other' }, { cost: 30, limit: '40/day' })
    expect(await limiter.refund(one.receipt as Receipt)).toBe(20)
    expect(await limiter.refund(two.receipt as Receipt)).toBe(30)
    expect(await limiter.peek(who, { cost: 0 })).toMatchObject({ remaining: 50 })
    expect(await limiter.peek({ user: 'other' }, { cost: 0, limit: '40/day' })).toMatchObject({
      remaining: 40,
    })
  })

  it('finds its rules by their state after policies changed, and passes over what is gone', async () => {
    const rules = [
      { name: 'a', limit: '10/min' },
      { name: 'b', limit: '20/h' },
    ]
    const { limiter } = benchOf([{ name: 'p', rules }])
    const spend = async () => (await limiter.consume('k', { cost: 4 })).receipt as Receipt
    const receipts = [await spend(), await spend()]
    // In another order, with another number, one in another window.
    limiter.policies.set({
      name: 'p',
      rules: [
        { name: 'b', limit: '99/h' },
        { name: 'a', limit: '10/s' },
      ],
    })
    expect(await limiter.refund(receipts[0] as Receipt)).toBe(4)
    expect((await limiter.peek('k', { cost: 0 })).rules.map(({ remaining }) => remaining)).toEqual([95, 10])
    limiter.policies.set({ name: 'p', rules: ['5/day'] })
    expect(await limiter.refund(receipts[1] as Receipt)).toBe(0)
    limiter.policies.delete('p')
    expect(await limiter.refund(receipts[1] as Receipt)).toBe(0)
  })

  it('finds an override that has moved', async () => {
    const vip = { match: { user: 'vip' }, rules: { r: { limit: '50/h' } } }
    const policy = { name: 'p', key: 'user', rules: [{ name: 'r', limit: '10/min' }] }
    const { limiter } = benchOf([{ ...policy, overrides: [vip] }])
    const { receipt } = await limiter.consume({ user: 'vip' }, { cost: 20 })
    limiter.policies.set({
      ...policy,
      overrides: [{ match: { user: 'x' }, rules: { r: { limit: '1/day' } } }, vip],
    })
    expect(await limiter.refund(receipt as Receipt)).toBe(20)
    expect(await limiter.peek({ user: 'vip' }, { cost: 0 })).toMatchObject({ limit: 50, remaining: 50 })
  })
})

function receiptOf({ receipt }: Decision): Receipt {
  return receipt as Receipt
}

interface Bench {
  readonly limiter: Limiter<SyncStore>
  readonly clock: ManualClock
  left(key?: string): Promise<number | null>
}

function benchOf(policies: PolicyOptions[]): Bench {
  const clock = manualClock()
  const limiter = createLimiter({ policies, store: memoryStore({ clock }) })
  return { limiter, clock, left: async (key = 'a') => (await limiter.peek(key, { cost: 0 })).remaining }
}

function bench(limit = '10/min'): Bench {
  return benchOf([{ name: 'default', rules: [limit] }])
}
