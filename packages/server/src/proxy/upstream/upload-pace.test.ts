import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BYTES_PER_SECOND, CREDIT_MS_MAX, GRACE_MS, UploadPace } from './upload-pace.ts'

const TICK_MS = 100

/** For how long a client is borne that sends so much in each tick; the target takes all, or nothing. */
function borneMs(bytesAt: (ms: number) => number, isPaused = false): number {
  const pace = new UploadPace(0)
  for (let ms = TICK_MS; ms <= 1_000_000; ms += TICK_MS) {
    pace.came(bytesAt(ms))
    if (pace.isTooSlow(ms, isPaused)) return ms
  }
  return Number.POSITIVE_INFINITY
}

describe('the pace of an upload', () => {
  it('may be zero for 10 s, and for a minute after a lot has come', () => {
    expect(borneMs(() => 0)).toBe(GRACE_MS + TICK_MS)
    expect(borneMs((ms) => (ms === TICK_MS ? 1_000_000 : 0))).toBe(CREDIT_MS_MAX + TICK_MS)
  })

  it('is too slow at one byte a second after 10 s, and at nearly the least after a while', () => {
    expect(borneMs((ms) => (ms % 1000 === 0 ? 1 : 0))).toBeLessThanOrEqual(GRACE_MS + 2 * TICK_MS)
    expect(borneMs((ms) => (ms % 1000 === 0 ? BYTES_PER_SECOND - 10 : 0))).toBeLessThan(1_000_000)
  })

  it('is good at 500 bytes a second for as long as it lasts, whatever the pieces', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: GRACE_MS / TICK_MS - 1 }), (ticks) => {
        const piece = (BYTES_PER_SECOND * ticks * TICK_MS) / 1000
        expect(borneMs((ms) => (ms % (ticks * TICK_MS) === 0 ? piece : 0))).toBe(Number.POSITIVE_INFINITY)
      }),
      { numRuns: 30 },
    )
  })

  it('is no matter while the target takes nothing', () => {
    expect(borneMs(() => 0, true)).toBe(Number.POSITIVE_INFINITY)
  })
})
