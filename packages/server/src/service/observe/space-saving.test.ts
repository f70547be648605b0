import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { heaviest, SpaceSaving } from './space-saving.ts'

const CAPACITY = 8
const stream = fc.array(
  fc.tuple(
    // A few keys come often.
    fc.oneof(fc.integer({ max: 3, min: 0 }), fc.integer({ max: 60, min: 0 })),
    fc.integer({ min: 1, max: 9 }),
  ),
  { maxLength: 400 },
)

function exact(adds: readonly (readonly [number, number])[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const [key, weight] of adds) counts.set(`k${key}`, (counts.get(`k${key}`) ?? 0) + weight)
  return counts
}

function sketchOf(adds: readonly (readonly [number, number])[]): SpaceSaving {
  const sketch = new SpaceSaving(CAPACITY)
  for (const [key, weight] of adds) sketch.add(`k${key}`, weight)
  return sketch
}

describe('the heaviest keys of a stream', () => {
  it('have every key above its share, and estimates that are never too low nor off by more than they say', () => {
    fc.assert(
      fc.property(stream, (adds) => {
        const sketch = sketchOf(adds)
        const counts = exact(adds)
        const share = sketch.total / CAPACITY
        for (const [key, count] of counts) {
          const heavy = sketch.get(key)
          if (count > share) expect(heavy).toBeDefined()
          if (heavy === undefined) expect(count).toBeLessThanOrEqual(sketch.floor)
        }
        const kept = [...sketch.keys()]
        expect(kept.length).toBeLessThanOrEqual(CAPACITY)
        for (const key of kept) {
          const { weight, error } = sketch.get(key) as { weight: number; error: number }
          const count = counts.get(key) ?? 0
          expect(weight).toBeGreaterThanOrEqual(count)
          expect(weight - error).toBeLessThanOrEqual(count)
          expect(error).toBeLessThanOrEqual(share)
        }
      }),
    )
  })

  it('are exact while there are no more keys than counters', () => {
    fc.assert(
      fc.property(stream, (adds) => {
        const few = adds.map(([key, weight]) => [key % CAPACITY, weight] as const)
        const sketch = sketchOf(few)
        expect(new Map([...sketch.keys()].map((key) => [key, sketch.get(key)?.weight]))).toEqual(exact(few))
      }),
    )
  })

  it('of several streams together keep both promises, heaviest first, whole or cut', () => {
    const streams = fc.array(stream, { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(streams, fc.integer({ min: 1, max: CAPACITY }), (all, most) => {
        const sketches = all.map(sketchOf)
        const counts = exact(all.flat())
        const parts = sketches.map((sketch) => sketch.part(most))
        const listed = heaviest(parts, all.length * CAPACITY)
        const floors = sketches.map((sketch, i) => Math.max(sketch.floor, parts[i]?.floor ?? 0))
        const unlisted = floors.reduce((sum, floor) => sum + floor, 0)
        for (const [key, count] of counts) {
          if (count > unlisted) expect(listed.map((one) => one.key)).toContain(key)
        }
        for (const { key, weight, error } of listed) {
          const count = counts.get(key) ?? 0
          expect(weight).toBeGreaterThanOrEqual(count)
          expect(weight - error).toBeLessThanOrEqual(count)
        }
        expect(parts.every(({ total, floor }) => floor <= total / most)).toBe(true)
        expect(parts.reduce((sum, { total }) => sum + total, 0)).toBe(
          all.flat().reduce((sum, [, weight]) => sum + weight, 0),
        )
        const weights = listed.map(({ weight }) => weight)
        expect(weights).toEqual([...weights].sort((a, b) => b - a))
      }),
    )
  })
})
