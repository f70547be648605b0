import fc from 'fast-check'
import { createLimiter, memoryStore } from 'headgate'
import { manualClock } from 'headgate/testing'
import { describe, expect, it } from 'vitest'
import { LimitDomains } from '../../service/envoy/limit-domains.ts'
import { parseConfig } from '../config.ts'
import { convertSource } from './convert-source.ts'

interface Tree {
  readonly key: string
  readonly value?: string
  readonly share_threshold?: boolean
  readonly rate_limit?: object
  readonly descriptors?: readonly Tree[]
}

const { tree } = fc.letrec<{ tree: readonly Tree[] }>((tie) => ({
  tree: fc.uniqueArray(
    fc
      .record({
        key: fc.constantFrom('a', 'b'),
        value: fc.constantFrom('', 'x', 'xy', 'x*', '*y'),
        limit: fc.constantFrom('none', 'day', 'day', 'day', 'unlimited'),
        isShared: fc.boolean(),
        inner: fc.oneof({ maxDepth: 1 }, fc.constant([]), tie('tree')),
      })
      .map(
        ({ key, value, limit, isShared, inner }): Tree => ({
          key,
          ...(value !== '' && { value }),
          ...(isShared && value.includes('*') && { share_threshold: true }),
          ...(limit === 'day' && { rate_limit: { unit: 'day', requests_per_unit: 9 } }),
          ...(limit === 'unlimited' && { rate_limit: { unlimited: true } }),
          ...(inner.length > 0 && { descriptors: inner }),
        }),
      ),
    { selector: ({ key, value }) => `${key} ${value}`, minLength: 1, maxLength: 5 },
  ),
}))

const entry = fc.record({
  key: fc.constantFrom('a', 'b'),
  value: fc.constantFrom('x', 'xy', 'xz', 'zy', 'q'),
})
const descriptors = fc.array(fc.array(entry, { minLength: 1, maxLength: 2 }), {
  minLength: 12,
  maxLength: 12,
})

describe('a converted file about which nothing is left to say', () => {
  it('limits every descriptor by the same policy, and by the same budget', async () => {
    let compared = 0
    await fc.assert(
      fc.asyncProperty(tree, descriptors, async (nodes, asked) => {
        const text = JSON.stringify({ domain: 'd', descriptors: nodes })
        const { text: ours, notes } = convertSource({ name: '.', texts: [{ file: 'limits.json', text }] })
        if (notes.length > 0) return
        const trees = new LimitDomains(parseConfig(text, 'limits.json').domains)
        const { policies, allow } = parseConfig(ours, 'headgate.yaml')
        const limiter = createLimiter({ policies, allow, store: memoryStore({ clock: manualClock() }) })
        const spent = new Map<string, number>()
        for (const descriptor of asked) {
          const found = trees.find('d', descriptor)
          const policy = found?.limit.policy ?? null
          const decision = await limiter.consume({ domain: 'd', descriptor })
          expect([text, descriptor, decision.policy]).toEqual([text, descriptor, policy])
          if (policy === null || found === null) continue
          compared++
          const budget = JSON.stringify(found.attributes)
          spent.set(budget, (spent.get(budget) ?? 0) + 1)
          expect([text, descriptor, decision.remaining]).toEqual([
            text,
            descriptor,
            9 - (spent.get(budget) ?? 0),
          ])
        }
        await limiter.close()
      }),
      { numRuns: 60 },
    )
    expect(compared).toBeGreaterThan(5)
  })
})
