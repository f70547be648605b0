import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Receipt } from '../../src/core/receipt.ts'
import type { RuleOptions } from '../../src/core/rule.ts'
import { createLimiter } from '../../src/create-limiter.ts'
import { namedStores } from '../../src/entries/resilience.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { manualClock } from '../../src/testing/manual-clock.ts'
import { FallibleStore } from './across.ts'
import { anyRule, buckets, freshBudget, windowUs } from './arbitraries.ts'

const names = ['a', 'b', 'c'] as const

describe('G5 all or nothing of policies in several stores', () => {
  it.each([
    ['local', { allowed: true, source: 'fallback' }],
    ['open', { allowed: true, source: 'open', reason: 'store-unavailable' }],
    ['closed', { allowed: false, source: 'closed', reason: 'store-unavailable' }],
  ] as const)(
    'where one fails, they decide as they say, and nothing stays spent: %s',
    async (mode, expected) => {
      const clock = manualClock()
      const stores = { a: new FallibleStore(clock), b: new FallibleStore(clock), c: new FallibleStore(clock) }
      const policies = names.map((name) => ({ name, rules: ['5/min'], store: name }))
      const options = { policies, store: namedStores(stores), onStoreError: mode, clock, replicas: 1 }
      const limiter = createLimiter(options)
      for (const verb of ['consume', 'charge'] as const) {
        stores.b.decides = 'refuse'
        const decision =
          verb === 'consume' ? limiter.consume('alice', { cost: 5 }) : limiter.charge('alice', 5)
        expect(await decision).toMatchObject(expected)
        stores.b.decides = 'answer'
        for (const policy of names) {
          expect(await limiter.peek('alice', { cost: 0, policy })).toMatchObject({
            remaining: 5,
            source: 'store',
          })
        }
        if (mode === 'local') break
      }
      await limiter.close()
    },
  )

  it('where one answers nothing in time, the others are asked once, and given back what they spent', async () => {
    const clock = manualClock()
    const [a, b] = [new FallibleStore(clock), new FallibleStore(clock)]
    b.decides = 'lose'
    const policies = (['a', 'b'] as const).map((name) => ({ name, rules: ['5/min'], store: name }))
    const limiter = createLimiter({ policies, store: namedStores({ a, b }), clock, onStoreError: 'open' })
    expect(await limiter.consume('alice', { cost: 5 })).toMatchObject({ source: 'open' })
    b.decides = 'answer'
    expect(await limiter.peek('alice', { cost: 0, policy: 'a' })).toMatchObject({ remaining: 5 })
    // What was lost was spent: its store alone charges it, once.
    expect(await limiter.peek('alice', { cost: 0, policy: 'b' })).toMatchObject({ remaining: 0 })
    await limiter.close()
  })

  it('a receipt gives back in each store what it would alone, by that store’s own clock', async () => {
    const skews = fc.integer({ min: -7_200_000_000, max: 7_200_000_000 })
    let given = 0
    await fc.assert(
      fc.asyncProperty(rules, rules, skews, fc.tuple(later, later), async (one, other, skew, moves) => {
        const both = [place('a', one, 0), place('b', other, skew)] as const
        const [a, b] = both
        const policies = [a.policy, b.policy]
        const limiter = createLimiter({ policies, store: namedStores({ a: a.store, b: b.store }) })
        const full = both.map(({ alone }) => alone.consumeSync('alice', { cost: 0 }).remaining ?? 0)
        const cost = Math.ceil(Math.min(...full) / 2)
        const { receipt } = await limiter.consume('alice', { cost })
        const receipts = both.map(({ alone }) => alone.consumeSync('alice', { cost }).receipt)
        both.forEach(({ clock, rule }, i) => {
          clock.advanceUs(Math.floor((windowUs(freshBudget(rule)) * (moves[i] as number)) / 12))
        })
        // Something else to take away from, if a refund takes back too much.
        await limiter.charge('alice', cost)
        await Promise.all(both.map(({ alone }) => alone.charge('alice', cost)))
        await limiter.refund(receipt as Receipt)
        for (const [i, { alone, policy }] of both.entries()) {
          await alone.refund(receipts[i] as Receipt)
          const { remaining, resetAfterMs } = alone.consumeSync('alice', { cost: 0 })
          const found = await limiter.peek('alice', { cost: 0, policy: policy.name })
          expect([found.remaining, found.resetAfterMs]).toEqual([remaining, resetAfterMs])
          // As if it had never been spent; and not because it had drained meanwhile.
          if (remaining === (full[i] as number) - cost && moves[i] === 0) given++
        }
        await limiter.close()
      }),
      { numRuns: 300 },
    )
    expect(given).toBeGreaterThan(10)
  })
})

const rules = fc.oneof(buckets, anyRule)
const later = fc.nat(8)

/** A store with a clock of its own, in a limiter with others and, as a twin, by itself. */
function place(name: string, rule: RuleOptions, skewUs: number) {
  const clock = manualClock(manualClock().now() + skewUs)
  const policy = { name, rules: [rule], store: name }
  const alone = createLimiter({ policies: [{ name, rules: [rule] }], store: memoryStore({ clock }) })
  return { clock, rule, policy, store: memoryStore({ clock }), alone }
}
