/** A scrape of a service that has more to do than it can. */
import { performance } from 'node:perf_hooks'
import { describe, expect, it } from 'vitest'
import { HeadgateProcess } from './headgate-process.ts'

const CALLERS = 64
const SCRAPES = 5
const SECOND_MS = 1000

describe('GET /metrics', () => {
  it('is answered within a second under full load, with what was decided until then', async () => {
    await using headgate = await HeadgateProcess.serve(['--admin-port', '0'])
    const state = { isOver: false, answered: 0 }
    const caller = async (i: number): Promise<void> => {
      for (; !state.isOver; state.answered++)
        await headgate.post('/v1/consume', { attributes: { user: `u${i}` } })
    }
    const callers = Array.from({ length: CALLERS }, (_, i) => caller(i))
    let text = ''
    for (let i = 0; i < SCRAPES; i++) {
      await expect.poll(() => state.answered, { timeout: 30_000 }).toBeGreaterThan(CALLERS * 20 * (i + 1))
      const start = performance.now()
      text = await (await fetch(`${headgate.adminUrl}/metrics`)).text()
      expect(performance.now() - start).toBeLessThan(SECOND_MS)
    }
    state.isOver = true
    await Promise.all(callers)
    const counts = [...text.matchAll(/^headgate_decisions_total\{.*\} (\d+)$/gm)].map(([, count]) =>
      Number(count),
    )
    expect(counts.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(CALLERS * 20 * SCRAPES)
  })
})
