import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Sampler } from './sampler.ts'

/** Chance that is the same in every run. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

function fill(sampler: Sampler<number>, count: number): void {
  for (let item = 0; item < count; item++) if (sampler.wants()) sampler.push(item)
}

describe('a sampler', () => {
  it('takes everything while that has room', () => {
    const sampler = new Sampler<number>(100, seeded(1))
    fill(sampler, 99)
    expect(sampler.take()).toEqual({ items: [...Array(99).keys()], oneIn: 1, seen: 99 })
  })

  it('never holds more than its room, and says how many there were', () => {
    fc.assert(
      fc.property(fc.nat(5000), fc.nat(2 ** 31), (count, seed) => {
        const sampler = new Sampler<number>(64, seeded(seed))
        fill(sampler, count)
        const { items, seen } = sampler.take()
        expect(items.length).toBeLessThanOrEqual(64)
        expect(seen).toBe(count)
      }),
    )
  })

  it('takes a part of everything that stands for all, also where things come in turns', () => {
    const sampler = new Sampler<number>(2000, seeded(7))
    fill(sampler, 100_000)
    const { items, oneIn } = sampler.take()
    expect(oneIn).toBe(64)
    // Six standard deviations of a sample of this size.
    const share = (part: number): number => items.filter((item) => item % 4 === part).length / items.length
    for (const part of [0, 1, 2, 3]) expect(Math.abs(share(part) - 0.25)).toBeLessThan(0.07)
    const early = items.filter((item) => item < 50_000).length / items.length
    expect(Math.abs(early - 0.5)).toBeLessThan(0.08)
    expect(Math.abs((items.length * oneIn) / 100_000 - 1)).toBeLessThan(0.2)
  })

  it('takes more again once less comes', () => {
    const sampler = new Sampler<number>(16, seeded(3))
    fill(sampler, 1000)
    const rates = Array.from({ length: 12 }, () => {
      const { oneIn } = sampler.take()
      return oneIn
    })
    expect(rates[0]).toBeGreaterThan(32)
    expect(rates.at(-1)).toBe(1)
  })
})
