/** Row 2 of the reports with timers of the system: no clock of a test fires as early as they do. */
import { setTimeout } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { createLimiter } from '../../src/create-limiter.ts'

it.each(['sliding-window', 'sliding-log', 'token-bucket', 'fixed-window'])(
  '2: sleeping the told time is enough: %s',
  async (algorithm) => {
    const limiter = createLimiter({ algorithm, limit: { limit: 3, window: 31 } })
    for (let i = 0; i < 60; i++) {
      let decision = await limiter.consume('k')
      while (decision.allowed) decision = await limiter.consume('k')
      await setTimeout(decision.retryAfterMs ?? 0)
      expect((await limiter.consume('k')).allowed).toBe(true)
    }
  },
  60_000,
)
