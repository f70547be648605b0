import fc from 'fast-check'
import { expect, it } from 'vitest'
import { KeyTally } from './key-tally.ts'

it('counts exactly as far as it keeps all keys, and never too low beyond that', () => {
  const keys = fc.array(fc.integer({ min: 0, max: 30 }).map(String), { maxLength: 300 })
  fc.assert(
    fc.property(keys, fc.integer({ min: 1, max: 40 }), (drawn, exactMax) => {
      const tally = new KeyTally(exactMax)
      const counts = new Map<string, number>()
      for (const key of drawn) {
        tally.add(key)
        counts.set(key, (counts.get(key) ?? 0) + 1)
      }
      const top = tally.top(40)
      // There are counters for all of these keys.
      expect(new Map(top.map(({ key, weight }) => [key, weight]))).toEqual(counts)
      expect(top.every(({ error }) => error === 0)).toBe(true)
      expect(top.map(({ weight }) => weight)).toEqual([...counts.values()].sort((a, b) => b - a))
    }),
  )
})

it('keeps no more characters than it may, however few the keys are', () => {
  const tally = new KeyTally(5000, 100_000)
  for (let i = 0; i < 3000; i++) tally.add(`${i}${'x'.repeat(100)}`)
  expect(tally.top(5000)).toHaveLength(1000)
})

it('finds the keys that come most often among more than it can keep', () => {
  const tally = new KeyTally(2000)
  for (let i = 0; i < 30_000; i++) tally.add(i % 3 === 0 ? 'busy' : `k${i}`)
  const [first] = tally.top(1)
  expect(first).toMatchObject({ key: 'busy' })
  expect((first?.weight ?? 0) - (first?.error ?? 0)).toBeLessThanOrEqual(10_000)
  expect(first?.weight).toBeGreaterThanOrEqual(10_000)
})
