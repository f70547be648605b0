/** Bugs of current Node libraries, by their numbers in facts/users.md section 3: what we do instead. */
import { describe, expect, it } from 'vitest'
import type { Receipt } from '../../src/core/receipt.ts'
import { createLimiter } from '../../src/create-limiter.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { manualClock } from '../../src/testing/manual-clock.ts'
import { benchOf, offer } from './bench.ts'

const DAY = 86_400_000

describe('what node-rate-limiter-flexible gets wrong', () => {
  it('#1: a sliding window does not admit twice its limit around an edge', () => {
    const bench = benchOf('100/s')
    bench.clock.advanceUs(999_000)
    expect(offer(bench, 0, 150)).toBe(100)
    bench.clock.advanceUs(121_000)
    expect(offer(bench, 0, 150)).toBe(0)
  })

  it.each(['token-bucket', 'fixed-window', 'sliding-window', 'sliding-log'])(
    '#2: a %s of a month and of 100 years does not end early',
    (algorithm) => {
      for (const window of [30 * DAY, 100 * 365 * DAY]) {
        const bench = benchOf({ algorithm, limit: { limit: 1, window } })
        expect(offer(bench, 20_000, 3)).toBe(1)
        bench.clock.advanceUs(window * 1000 - 100_000)
        expect(offer(bench, 20_000, 3)).toBe(0)
        bench.clock.advanceUs(window * 100 * 2)
        bench.clock.advanceUs(100_000)
        expect(offer(bench, 20_000, 3)).toBe(1)
      }
    },
  )

  it('#4: what is denied is not counted', () => {
    const { limiter } = benchOf({ algorithm: 'fixed-window', limit: '10/min' })
    limiter.consumeSync('key', { cost: 8 })
    expect(limiter.consumeSync('key', { cost: 5 }).allowed).toBe(false)
    expect(limiter.consumeSync('key', { cost: 1 }).remaining).toBe(1)
  })

  it('#5: of several limits none is spent when one denies', () => {
    const { limiter } = benchOf({ name: 'a', limit: '5/min' }, { name: 'b', limit: '1/min' })
    for (let i = 0; i < 5; i++) limiter.consumeSync('key')
    expect(limiter.consumeSync('key').rules.map(({ remaining }) => remaining)).toEqual([4, 0])
  })

  it('#6: a refund never leaves more than the limit', async () => {
    const { limiter, clock } = benchOf({ algorithm: 'fixed-window', limit: '5/min' })
    const { receipt } = limiter.consumeSync('key', { cost: 3 })
    await limiter.reset('key')
    for (let i = 0; i < 3; i++) await limiter.refund(receipt as Receipt)
    expect((await limiter.peek('key', { cost: 0 })).remaining).toBe(5)
    clock.advance('2m')
    await limiter.refund(receipt as Receipt)
    expect((await limiter.peek('key', { cost: 0 })).remaining).toBe(5)
  })

  it('#6: a refund of a decision on several policies gives back all of it, once', async () => {
    const clock = manualClock()
    const policies = ['one', 'two'].map((name) => ({ name, rules: [{ name: 'r', limit: '5/min' }] }))
    const limiter = createLimiter({ policies, store: memoryStore({ clock }), clock })
    limiter.consumeSync('key', { cost: 1 })
    const { receipt } = limiter.consumeSync('key', { cost: 3 })
    for (let i = 0; i < 2; i++) await limiter.refund(receipt as Receipt)
    const { rules } = await limiter.peek('key', { cost: 0 })
    expect(rules.map(({ remaining }) => remaining)).toEqual([4, 4])
  })
})

describe('what other libraries get wrong', () => {
  it('#13: the wait that is told is the wait that is kept (fastify backoff)', () => {
    const { limiter, clock } = benchOf({ algorithm: 'fixed-window', limit: '1/3s' })
    limiter.consumeSync('key')
    for (let i = 0; i < 8; i++) {
      clock.advanceUs(350_000)
      expect(limiter.consumeSync('key').retryAfterMs).toBe(3000 - 350 * (i + 1))
    }
  })

  it('#14: rotating other keys does not free a spent one (fastify LRU)', () => {
    const clock = manualClock()
    const limiter = createLimiter({ limit: '2/min', store: memoryStore({ clock, maxKeys: 5 }), clock })
    limiter.consumeSync('mine', { cost: 2 })
    for (let i = 0; i < 1000; i++) limiter.consumeSync(`other-${i}`)
    expect(limiter.consumeSync('mine').allowed).toBe(false)
  })

  it('#16: the cost is part of the check of a sliding window (upstash)', () => {
    const { limiter } = benchOf('10/min')
    limiter.consumeSync('key', { cost: 9 })
    expect(limiter.consumeSync('key', { cost: 10 })).toMatchObject({ allowed: false, remaining: 1 })
    expect(limiter.consumeSync('key', { cost: 1 })).toMatchObject({ allowed: true, remaining: 0 })
  })

  it('#21: a spent limit of many units costs no more to ask than a fresh one (nestjs)', () => {
    const { limiter } = benchOf({ algorithm: 'sliding-window', limit: '300000/min' })
    expect(limiter.consumeSync('key', { cost: 300_000 }).allowed).toBe(true)
    expect(limiter.consumeSync('key').allowed).toBe(false)
  })
})

describe('what users of one store with two limiters met', () => {
  it('§2 no. 8: two windows under one key do not corrupt each other (express-rate-limit#362)', async () => {
    const clock = manualClock()
    const store = memoryStore({ clock })
    const minute = createLimiter({ algorithm: 'fixed-window', limit: '5/min', store, clock })
    const hour = createLimiter({ algorithm: 'fixed-window', limit: '9/hour', store, clock })
    for (let i = 0; i < 4; i++) {
      expect(minute.consumeSync('key').remaining).toBe(4 - i)
      expect(hour.consumeSync('key').remaining).toBe(8 - i)
    }
    clock.advance('1m')
    expect(minute.consumeSync('key').remaining).toBe(4)
    expect(hour.consumeSync('key').remaining).toBe(4)
  })

  it('§1 no. 24: a raised limit acts at once (redis-cell#54)', () => {
    const rule = { name: 'r', algorithm: 'gcra' }
    const { limiter } = benchOf({ ...rule, limit: '5/min' })
    limiter.consumeSync('key', { cost: 5 })
    limiter.policies.set({ name: 'p', rules: [{ ...rule, limit: '50/min' }] })
    expect(limiter.consumeSync('key').remaining).toBe(44)
  })

  it('§2 no. 32: a huge cost that is denied locks nobody out (upstash#156)', () => {
    for (const algorithm of ['token-bucket', 'fixed-window', 'sliding-window', 'sliding-log']) {
      const { limiter } = benchOf({ algorithm, limit: '10/min' })
      expect(limiter.consumeSync('key', { cost: 1_000_000 }).allowed).toBe(false)
      expect(limiter.consumeSync('key', { cost: 10 }).allowed).toBe(true)
    }
  })
})
