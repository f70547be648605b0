/** Hazard I-10: an identity with braces of its own must not choose the slot of its key in a Redis Cluster. */
import { describe, expect, it } from 'vitest'
import { redisKey } from '../../src/stores/redis/redis-key.ts'

describe('the slot of a Redis key', () => {
  const SLOTS = 16_384
  const slotOf = (identity: string, policy = 'p'): number => slot(redisKey('headgate', policy, identity))

  it.each([
    ['123456789', 0x31c3],
    ['foo', 12_182],
    ['bar', 5061],
    ['{bar}foo', 5061],
    ['foo{bar}{foo}', 5061],
    ['{}foo', 9500],
  ])('is computed as Redis does: %s lies in %i', (key, expected) => {
    expect(slot(key)).toBe(expected)
  })

  it.each<[string, (i: number) => string]>([
    ['one tag', (i) => `{x}${i}`],
    ['a tag at the end', (i) => `${i}{x}`],
    ['a tag that closes ours', (i) => `x}{y}${i}`],
    ['an empty tag', (i) => `{}${i}`],
    ['only braces and numbers', (i) => `}}{{${i}}{`],
    ['a long key with one tag', (i) => `{x}${'y'.repeat(200)}${i}`],
    ['numbers', (i) => `${i}`],
  ])('spreads evenly over keys with %s', (_, keyOf) => {
    const bins = new Array<number>(64).fill(0)
    for (let i = 0; i < 12_800; i++) {
      const bin = Math.floor((slotOf(keyOf(i)) / SLOTS) * bins.length)
      bins[bin] = (bins[bin] ?? 0) + 1
    }
    // 200 are expected in a bin, with a deviation of 14.
    expect(Math.min(...bins)).toBeGreaterThan(100)
    expect(Math.max(...bins)).toBeLessThan(300)
  })

  it('is chosen by no tag of an identity: another policy puts the same tag elsewhere', () => {
    const tags = Array.from({ length: 500 }, (_, i) => `{t${i}}`)
    const chosen = tags.filter((tag) => slotOf(`${tag}x`) === slot(tag) || slotOf(`x${tag}`) === slot(tag))
    expect(chosen.length).toBeLessThan(5)
    expect(tags.filter((tag) => slotOf(`${tag}1`) === slotOf(`${tag}2`)).length).toBeLessThan(5)
  })

  it('holds everything of one identity and policy', () => {
    expect(redisKey('headgate', 'p', '}{x}')).toBe('headgate:{p:%7d%7bx%7d}')
    expect(redisKey('headgate', 'p', 'x').match(/\{([^}]*)\}/)?.[1]).toBe('p:x')
  })
})

/** The hash slot of a key: CRC16 (XMODEM) of its tag, or of all of it, as the Redis Cluster specification says. */
function slot(key: string): number {
  const open = key.indexOf('{')
  const close = key.indexOf('}', open + 1)
  const tagged = open >= 0 && close > open + 1 ? key.slice(open + 1, close) : key
  let crc = 0
  for (const byte of Buffer.from(tagged)) {
    crc ^= byte << 8
    for (let bit = 0; bit < 8; bit++) crc = ((crc << 1) ^ ((crc & 0x8000) === 0 ? 0 : 0x1021)) & 0xffff
  }
  return crc % 16_384
}
