import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeKey, fallbackKey, GLOBAL_KEY } from '../../src/core/key.ts'
import { shardKeys, singleKeys } from '../../src/stores/redis/redis-key.ts'
import { anyRule, freshBudget, history, step } from './arbitraries.ts'
import { onEveryStore } from './stores.ts'

// Any UTF-16 units, lone surrogates included, and the characters encodings are made of.
const text = fc.oneof(
  fc.string({
    unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
    maxLength: 8,
  }),
  fc.string({ unit: fc.constantFrom('~', ':', '1', '2', 'a', 'g', 'i'), maxLength: 8 }),
)
const identity = fc.array(text, { minLength: 1, maxLength: 4 }).filter((parts) => parts.join('') !== '')

describe('G11 isolation of encoded keys', () => {
  it('two identities share a key only if they are the same', () => {
    fc.assert(
      fc.property(identity, identity, (one, other) => {
        expect(encodeKey(one) === encodeKey(other)).toBe(JSON.stringify(one) === JSON.stringify(other))
      }),
      { numRuns: 3000 },
    )
  })

  it('no identity reaches the keys that stand for everybody and for addresses', () => {
    fc.assert(
      fc.property(identity, text, (parts, address) => {
        expect([GLOBAL_KEY, fallbackKey(address)]).not.toContain(encodeKey(parts))
      }),
      { numRuns: 1000 },
    )
  })
})

describe('G11 isolation of the keys of Redis', () => {
  const policies = fc.constantFrom('a', 'a.b', 'a/r', 'r', 'b')
  // Identities in the form of what the store writes beside them, and ids of spends in every form.
  const pieces = fc.constantFrom('a', ':', '~', '~r:', ':r:', '{', '}', '#', '%7b', 'id', 'a.b:')
  const identities = fc.oneof(
    text,
    fc.array(pieces, { maxLength: 6 }).map((some) => some.join('')),
  )
  const ids = fc.oneof(fc.constantFrom('id', 'a', 'r'), fc.base64String({ maxLength: 12 }))

  it.each([
    ['one server', singleKeys('p')],
    ['a shard of a Cluster', shardKeys('p', 'tag')],
  ])('what says that a spend was taken back is no key of anybody, on %s', (_, keys) => {
    fc.assert(
      fc.property(policies, identities, ids, policies, identities, (policy, one, id, other, stranger) => {
        expect(keys.refunded(policy, one, id)).not.toBe(keys.of(other, stranger))
        // An identity that imitates the key of a refund.
        const made = keys.refunded(policy, one, id).slice(keys.of(other, '').length)
        expect(keys.refunded(policy, one, id)).not.toBe(keys.of(other, made))
      }),
      { numRuns: 5000 },
    )
  })

  it.each([
    ['one server', singleKeys('p')],
    ['a shard of a Cluster', shardKeys('p', 'tag')],
  ])('two spends share such a key only if they are one, on %s', (_, keys) => {
    const spend = fc.tuple(policies, identities, fc.base64String({ maxLength: 8 }))
    fc.assert(
      fc.property(spend, spend, (one, other) => {
        expect(keys.refunded(...one) === keys.refunded(...other)).toBe(
          JSON.stringify(one) === JSON.stringify(other),
        )
      }),
      { numRuns: 5000 },
    )
  })
})

onEveryStore('G11 isolation', (stage) => {
  it('what happens under other keys and policies changes no answer', async () => {
    await fc.assert(
      fc.asyncProperty(anyRule, history(20), identity, identity, async (rule, questions, one, other) => {
        fc.pre(encodeKey(one) !== encodeKey(other))
        const [{ clock, ask, store }, alone] = [stage.bench(), stage.bench()]
        const [budget, stranger] = [freshBudget(rule), freshBudget(rule)]
        const mine = { budget, key: encodeKey(one) }
        const theirs = { budget, key: encodeKey(other) }
        for (const question of questions) {
          const by = step(budget, question)
          clock.advanceUs(by)
          alone.clock.advanceUs(by)
          await ask('charge', { ...theirs, cost: question.cost + 1 })
          await ask('charge', { ...mine, budget: stranger, cost: question.cost + 1 })
          if (question.cost % 3 === 0) await store.reset([theirs])
          const { cost } = question
          expect(await ask('consume', { ...mine, cost })).toEqual(
            await alone.ask('consume', { ...mine, cost }),
          )
        }
      }),
      { numRuns: stage.runs(100) },
    )
  })
})
