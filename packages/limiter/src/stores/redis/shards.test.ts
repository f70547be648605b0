import { describe, expect, it } from 'vitest'
import { SLOTS, slotOf } from './connection/slots.ts'
import { checkShards, shardTags } from './shards.ts'

const numbers = [1, 2, 3, 6, 7, 24, 100, 511, 512]
const slotsOf = (shards: number): number[] => shardTags(shards).map((tag) => slotOf(`{${tag}}`))

describe('the tags of shards', () => {
  it.each(numbers)('give one slot to each equal range of %i, near its middle', (shards) => {
    const length = SLOTS / shards
    slotsOf(shards).forEach((slot, i) => {
      expect(Math.abs(slot - (i + 0.5) * length)).toBeLessThanOrEqual(length / 4)
    })
  })

  it.each([3, 6, 24])('deal %i equally to as many nodes as divide them', (shards) => {
    const nodes = 3
    const dealt = slotsOf(shards).map((slot) => Math.floor((slot * nodes) / SLOTS))
    for (let node = 0; node < nodes; node++) {
      expect(dealt.filter((one) => one === node)).toHaveLength(shards / nodes)
    }
  })

  it('are never those of another number', () => {
    const tags = numbers.flatMap((shards) => shardTags(shards))
    expect(new Set(tags).size).toBe(tags.length)
  })

  it('stay as they are, for they are part of every key', () => {
    expect(shardTags(6)).toMatchInlineSnapshot(`
      [
        "6.2",
        "6.c",
        "6.s",
        "6.0",
        "6.a",
        "6.q",
      ]
    `)
  })
})

describe('a number of shards', () => {
  it.each([1, 6, 512])('may be %i', (shards) => {
    expect(checkShards(shards, 'redisStore.shards')).toBe(shards)
  })

  it.each([0, -1, 1.5, 513, Number.NaN, '6', null])('may not be %j', (shards) => {
    expect(() => checkShards(shards, 'redisStore.shards')).toThrow(/^redisStore\.shards: .* from 1 to 512/)
  })
})
