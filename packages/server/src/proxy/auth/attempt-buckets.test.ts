import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AttemptBuckets } from './attempt-buckets.ts'

describe('AttemptBuckets', () => {
  it('let ten attempts pass at once, then one in 6 s', () => {
    let nowMs = 1000
    const buckets = new AttemptBuckets(() => nowMs)
    const slot = buckets.slotOf('alice')
    for (let i = 0; i < 10; i++) {
      expect(buckets.waitMs(slot)).toBe(0)
      buckets.spend(slot)
    }
    expect(buckets.waitMs(slot)).toBe(6000)
    nowMs += 6000
    expect(buckets.waitMs(slot)).toBe(0)
    buckets.spend(slot)
    expect(buckets.waitMs(slot)).toBe(6000)
    expect(buckets.waitMs(buckets.slotOf('bob'))).toBe(0)
  })

  it('never let more pass than the burst and what time has brought, whoever is right in between', () => {
    const step = fc.record({ pauseMs: fc.nat(20_000), isRight: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        let nowMs = 0
        let wrong = 0
        const buckets = new AttemptBuckets(() => nowMs)
        const slot = buckets.slotOf('alice')
        for (const { pauseMs, isRight } of steps) {
          nowMs += pauseMs
          if (buckets.waitMs(slot) > 0) continue
          buckets.spend(slot)
          if (isRight) buckets.refund(slot)
          else wrong++
          expect(wrong).toBeLessThanOrEqual(10 + nowMs / 6000)
        }
      }),
    )
  })
})
