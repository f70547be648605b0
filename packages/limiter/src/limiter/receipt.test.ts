import { describe, expect, it } from 'vitest'
import type { Limiter } from '../core/limiter.ts'
import { nextSpend } from '../core/spend-id.ts'
import { createLimiter } from '../create-limiter.ts'
import { memoryStore } from '../stores/memory/index.ts'
import { manualClock } from '../testing/manual-clock.ts'
import { decodeReceipt, encodeReceipt, type ReceiptEntry } from './receipt.ts'

const entry: ReceiptEntry = ['api', -1, [], 'alice', 3, 4_000_000, [['1m', 5_000_000]]]

describe('a receipt', () => {
  it('is one opaque word that reads back as it was written', () => {
    const spend = nextSpend()
    const text = encodeReceipt(spend, [entry])
    expect(text).toMatch(/^[A-Za-z0-9_-]+$/)
    expect(decodeReceipt(text)).toEqual({ id: expect.any(String), entries: [entry] })
  })

  it('names its spend as no other does', () => {
    const read = () => decodeReceipt(encodeReceipt(nextSpend(), [])).id
    expect(new Set(Array.from({ length: 1000 }, read)).size).toBe(1000)
  })

  it('carries any key', () => {
    for (const key of ['\0', '\n', '{}', '"', '\ud800'.toWellFormed(), '__proto__', 'é', 'e\u0301']) {
      const text = encodeReceipt(1, [entry.with(3, key) as unknown as ReceiptEntry])
      expect(decodeReceipt(text).entries[0]?.[3]).toBe(key)
    }
  })

  it('carries halves of surrogate pairs', () => {
    const text = encodeReceipt(1, [entry.with(3, 'a\ud800') as unknown as ReceiptEntry])
    expect(decodeReceipt(text).entries[0]?.[3]).toBe('a\ud800')
  })
})

describe('what is no receipt', () => {
  const row: unknown[] = ['api', -1, [], 'alice', 3, 4, [['1m', 5]]]
  it.each<[string, unknown]>([
    ['nothing', ''],
    ['undefined', undefined],
    ['null', null],
    ['a number', 5],
    ['an object', {}],
    ['words', 'not a receipt'],
    ['an allowed decision', { allowed: true, receipt: 'x' }],
    ['other base64', word('hello')],
    ['JSON of another shape', word('{"a":1}')],
    ['an empty list', word('[]')],
    ['another version', word(JSON.stringify([3, 'id', [row]]))],
    ['no id', word(JSON.stringify([1, '', [row]]))],
    ['no time', word(JSON.stringify([1, 'id', [row.with(5, null)]]))],
    ['a negative time', word(JSON.stringify([1, 'id', [row.with(5, -1)]]))],
    ['no rows', word(JSON.stringify([1, 'id', null]))],
    ['an empty row', word(JSON.stringify([1, 'id', [[]]]))],
    ['a row of null', word(JSON.stringify([1, 'id', [null]]))],
    ['no policy', word(JSON.stringify([1, 'id', [['', ...row.slice(1)]]]))],
    ['an empty key', word(JSON.stringify([1, 'id', [row.with(3, '')]]))],
    ['a negative cost', word(JSON.stringify([1, 'id', [row.with(4, -3)]]))],
    ['half a unit', word(JSON.stringify([1, 'id', [row.with(4, 0.5)]]))],
    ['a cost of text', word(JSON.stringify([1, 'id', [row.with(4, '3')]]))],
    ['half an override', word(JSON.stringify([1, 'id', [row.with(1, 0.5)]]))],
    ['a limit that is no list', word(JSON.stringify([1, 'id', [row.with(2, '1/s')]]))],
    ['resets that are no list', word(JSON.stringify([1, 'id', [row.with(6, {})]]))],
    ['resets that are no pairs', word(JSON.stringify([1, 'id', [row.with(6, [5])]]))],
    ['a reset without a name', word(JSON.stringify([1, 'id', [row.with(6, [['', 5]])]]))],
    ['a reset without a time', word(JSON.stringify([1, 'id', [row.with(6, [['1m']])]]))],
  ])('is refused: %s', async (_, value) => {
    const refused = { code: 'invalid-receipt', message: expect.stringContaining('pass the receipt field') }
    expect(() => decodeReceipt(value)).toThrow(expect.objectContaining(refused))
    await expect(bench().limiter.refund(value as string)).rejects.toMatchObject({ code: 'invalid-receipt' })
  })

  it('is refused when it is cut anywhere', async () => {
    const { limiter, left } = bench()
    const { receipt } = await limiter.consume('a')
    for (let end = 0; end < (receipt as string).length - 2; end++) {
      const cut = (receipt as string).slice(0, end)
      expect(() => decodeReceipt(cut)).toThrow(expect.objectContaining({ code: 'invalid-receipt' }))
    }
    expect(await left()).toBe(9)
  })
})

describe('refund', () => {
  it('gives one spend back, once', async () => {
    const { limiter, left } = bench()
    const { receipt } = await limiter.consume('a', { cost: 4 })
    await limiter.consume('a', { cost: 3 })
    expect(await left()).toBe(3)
    for (let i = 0; i < 3; i++) await limiter.refund(receipt as string)
    expect(await left()).toBe(7)
  })

  it('has nothing to give where nothing was spent', async () => {
    const { limiter } = bench()
    expect((await limiter.peek('a')).receipt).toBeNull()
    expect((await limiter.consume('a', { cost: 0 })).receipt).toBeNull()
    expect((await limiter.consume('a', { cost: 11 })).receipt).toBeNull()
    expect((await limiter.charge('a', 11)).receipt).toEqual(expect.any(String))
  })

  it('gives back to every policy that was charged', async () => {
    const clock = manualClock()
    const policies = [
      { name: 'user', key: 'user', rules: ['10/min', '20/h'] },
      { name: 'all', key: 'global', rules: [{ limit: '30/min', burst: 30 }] },
    ]
    const limiter = createLimiter({ policies, store: memoryStore({ clock }) })
    const { receipt } = await limiter.consume({ user: 'a' }, { cost: 7 })
    const rest = async () =>
      (await limiter.peek({ user: 'a' }, { cost: 0 })).rules.map(({ remaining }) => remaining)
    expect(await rest()).toEqual([3, 13, 23])
    await limiter.refund(receipt as string)
    expect(await rest()).toEqual([10, 20, 30])
  })

  it('gives back where an override or a limit of the call was charged', async () => {
    const clock = manualClock()
    const overrides = [{ match: { user: 'vip' }, rules: { '1m': { limit: '50/min' } } }]
    const policies = [{ name: 'user', key: 'user', rules: ['10/min'], overrides }]
    const limiter = createLimiter({ policies, store: memoryStore({ clock }) })
    const who = { user: 'vip' }
    const one = await limiter.consume(who, { cost: 20 })
    const two = await limiter.consume({ user: 'other' }, { cost: 30, limit: '40/min' })
    await limiter.refund(one.receipt as string)
    await limiter.refund(two.receipt as string)
    expect(await limiter.peek(who, { cost: 0 })).toMatchObject({ remaining: 50 })
    expect(await limiter.peek({ user: 'other' }, { cost: 0, limit: '40/min' })).toMatchObject({
      remaining: 40,
    })
  })

  it('passes over a policy or rule that is gone', async () => {
    const { limiter } = bench()
    const { receipt } = await limiter.consume('a', { cost: 4 })
    limiter.policies.set({ name: 'default', rules: [{ name: 'new', limit: '10/min', burst: 10 }] })
    await limiter.refund(receipt as string)
    limiter.policies.delete('default')
    await limiter.refund(receipt as string)
    expect(await limiter.peek('a')).toMatchObject({ reason: 'unmatched' })
  })
})

function word(text: string): string {
  return Buffer.from(text).toString('base64url')
}

function bench(): { limiter: Limiter; left: () => Promise<number | null> } {
  const limiter = createLimiter({ limit: '10/min', store: memoryStore({ clock: manualClock() }) })
  return { limiter, left: async () => (await limiter.peek('a', { cost: 0 })).remaining }
}
