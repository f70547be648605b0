import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LatencyWindow, latencyView, mergeLatencies } from './latency-window.ts'

describe('the latency of a window', () => {
  it('is rounded up, by an eighth and a microsecond at most', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 60_000, noNaN: true }), (durationMs) => {
        const window = new LatencyWindow()
        window.add(durationMs)
        const { p50Ms, p99Ms, count } = latencyView(window.part()) as {
          p50Ms: number
          p99Ms: number
          count: number
        }
        expect(count).toBe(1)
        expect(p50Ms).toBe(p99Ms)
        expect(p50Ms * 1.000001).toBeGreaterThanOrEqual(durationMs)
        expect(p50Ms).toBeLessThanOrEqual((durationMs + 0.001) * 1.125)
      }),
    )
  })

  it('has the middle and the end of what was added', () => {
    const window = new LatencyWindow()
    for (let ms = 1; ms <= 100; ms++) window.add(ms)
    const { averageMs, p50Ms, p90Ms, p99Ms } = latencyView(window.part()) as NonNullable<
      ReturnType<typeof latencyView>
    >
    expect(averageMs).toBe(50.5)
    for (const [value, exact] of [
      [p50Ms, 50],
      [p90Ms, 90],
      [p99Ms, 99],
    ] as const) {
      expect(value).toBeGreaterThanOrEqual(exact)
      expect(value).toBeLessThanOrEqual(exact * 1.125 + 0.001)
    }
  })

  it('forgets what was before the last rotation but one', () => {
    const window = new LatencyWindow()
    expect(latencyView(window.part())).toBeNull()
    window.add(5)
    window.rotate()
    expect(latencyView(window.part())?.count).toBe(1)
    window.rotate()
    expect(latencyView(window.part())).toBeNull()
  })

  it('of several is that of one which had all of them', () => {
    const durations = fc.array(fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 60_000 })), { maxLength: 60 })
    fc.assert(
      fc.property(durations, (added) => {
        const one = new LatencyWindow()
        const parts = Array.from({ length: 4 }, () => new LatencyWindow())
        for (const [part, ms] of added) {
          one.add(ms)
          parts[part]?.add(ms)
        }
        expect(mergeLatencies(parts.map((part) => part.part()))).toEqual(one.part())
      }),
    )
  })
})
