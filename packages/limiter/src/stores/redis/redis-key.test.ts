import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ANY_CHARACTER } from '../../../test/any-character.ts'
import { slotOf } from './connection/slots.ts'
import { type RedisKeys, shardKeys, singleKeys } from './redis-key.ts'

const shapes: readonly (readonly [string, RedisKeys])[] = [
  ['of one server', singleKeys('headgate')],
  ['of a shard', shardKeys('headgate', '6.a')],
]
const policies = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,20}$/)
const identities = fc.oneof(
  fc.string({ unit: ANY_CHARACTER, maxLength: 40 }),
  fc.string({
    unit: fc.constantFrom('%', '{', '}', '#', '~', ':', 'a', '7', 'b', '\ud800', 'r'),
    maxLength: 12,
  }),
  fc.string({ minLength: 120, maxLength: 200 }),
)
const places = fc.tuple(policies, identities)

describe.each(shapes)('keys %s', (_, keys) => {
  it('are different for different policies and identities (G11)', () => {
    fc.assert(
      fc.property(places, places, ([p, a], [q, b]) => {
        expect(keys.of(p, a) === keys.of(q, b)).toBe(p === q && a === b)
      }),
      { numRuns: 2000 },
    )
  })

  it('are never one that records a refund, nor one of the store itself', () => {
    fc.assert(
      fc.property(places, places, fc.stringMatching(/^[a-z0-9]{1,20}$/), ([p, a], [q, b], id) => {
        const key = keys.of(p, a)
        expect([
          keys.refunded(q, b, id),
          keys.refunded(p, a, id),
          keys.own(id),
          keys.own('ping'),
        ]).not.toContain(key)
      }),
      { numRuns: 1000 },
    )
  })

  it('are in one slot with the keys that record refunds', () => {
    fc.assert(
      fc.property(places, ([policy, identity]) => {
        expect(slotOf(keys.refunded(policy, identity, 'x1'))).toBe(slotOf(keys.of(policy, identity)))
      }),
    )
  })

  it('are whole UTF-8 of bounded length with one hash tag', () => {
    fc.assert(
      fc.property(places, ([policy, identity]) => {
        const key = keys.of(policy, identity)
        expect(key.isWellFormed()).toBe(true)
        expect(Buffer.byteLength(key)).toBeLessThan(200)
        expect(key.match(/[{}]/g)).toEqual(['{', '}'])
      }),
    )
  })

  it('stay readable up to 128 bytes, and are hashed beyond', () => {
    expect(keys.of('api', 'é'.repeat(64))).toContain('é'.repeat(64))
    expect(keys.of('api', 'é'.repeat(65))).toMatch(/#[\w-]{43}/)
  })
})

describe('keys of a shard', () => {
  it('are all of one slot, whatever the identity', () => {
    const keys = shardKeys('headgate', '6.a')
    fc.assert(
      fc.property(places, ([policy, identity]) => {
        expect(slotOf(keys.of(policy, identity))).toBe(slotOf(keys.own('ping')))
      }),
    )
  })
})
