import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LatencyHistogram } from './latency-histogram.ts'

describe('LatencyHistogram', () => {
  it('tells percentiles at most an eighth above the exact ones, and the exact maximum', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 2 ** 31 - 1 }), { minLength: 1 }), (values) => {
        const latency = new LatencyHistogram()
        for (const us of values) latency.record(us, 0)
        const sorted = [...values].sort((a, b) => a - b)
        const view = latency.view(0)
        expect(view).toMatchObject({ count: values.length, maxMs: (sorted.at(-1) as number) / 1000 })
        for (const [share, ms] of [
          [0.5, view?.p50Ms],
          [0.99, view?.p99Ms],
        ] as const) {
          const exactMs = (sorted[Math.ceil(values.length * share) - 1] as number) / 1000
          expect(ms).toBeGreaterThanOrEqual(exactMs)
          expect(ms).toBeLessThanOrEqual(exactMs * 1.125)
        }
      }),
    )
  })

  it('forgets what is older than twenty seconds, and nothing of the last ten', () => {
    const latency = new LatencyHistogram()
    latency.record(5000, 0)
    latency.record(1000, 10_000_000)
    expect(latency.view(19_999_999)).toMatchObject({ count: 2, maxMs: 5 })
    expect(latency.view(20_000_000)).toMatchObject({ count: 1, maxMs: 1 })
    expect(latency.view(60_000_000)).toBeNull()
  })
})
