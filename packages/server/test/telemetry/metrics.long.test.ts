import { performance } from 'node:perf_hooks'
import { describe, expect, it } from 'vitest'
import { metered } from './metered-service.ts'
import { seriesUnderKeys, seriesUnderPolicies } from './series.ts'

const ONE = 'policies: [{ name: api, key: user, rules: [{ name: minute, limit: 5/min }] }]'

describe('series of metrics, at length', () => {
  it('stay as many under 100,000 keys, which they never tell', async () => {
    await using metrics = metered(ONE)
    expect(await seriesUnderKeys(metrics, 100_000)).toEqual({ grown: 0, told: 0 })
  })

  it('are bounded under 10,000 policies that come and go, and written within a second', async () => {
    await using metrics = metered(ONE)
    const found = await seriesUnderPolicies(metrics, { rounds: 3, each: 10_000 })
    expect(found).toEqual({ series: 1001, gone: 0, others: 1 })
    const start = performance.now()
    await metrics.text()
    expect(performance.now() - start).toBeLessThan(1000)
  })
})
