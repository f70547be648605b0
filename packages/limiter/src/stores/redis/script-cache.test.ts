import { describe, expect, it } from 'vitest'
import { ScriptCache } from './script-cache.ts'
import { serverTime } from './scripts.ts'
import type { Shape } from './shape.ts'

const shapeOf = (requests: number): Shape => {
  const rule = {
    kind: 'bucket',
    moreTerms: 0,
    words: 0,
    custom: false,
    role: 'enforced',
    overdraw: false,
  } as const
  const list = Array.from({ length: requests }, () => [rule])
  return { name: `${requests} of them`, requests: list, bans: list.map(() => false) }
}

describe('the scripts of a store', () => {
  it('are composed once a shape', () => {
    const cache = new ScriptCache([], serverTime)
    expect(cache.of(shapeOf(1))).toBe(cache.of(shapeOf(1)))
    expect(cache.of(shapeOf(1)).sha).not.toBe(cache.of(shapeOf(2)).sha)
  })

  it('are at most 64, of which the one used longest ago goes first', () => {
    const cache = new ScriptCache([], serverTime)
    const [first, second] = [cache.of(shapeOf(1)), cache.of(shapeOf(2))]
    for (let requests = 3; requests <= 64; requests++) cache.of(shapeOf(requests))
    expect(cache.of(shapeOf(1))).toBe(first)
    cache.of(shapeOf(65))
    expect(cache.of(shapeOf(1))).toBe(first)
    expect(cache.of(shapeOf(2))).not.toBe(second)
    expect(cache.of(shapeOf(2)).text).toBe(second.text)
  })
})
