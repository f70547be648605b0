import { describe, expect, it } from 'vitest'
import type { Snapshot } from './admin-answers.ts'
import { appendSeconds, SECONDS_KEPT, secondBetween, sumOfSeconds } from './seconds.ts'

const snapshot = (at: number, allowed: number, since = 0): Snapshot =>
  ({ at, since, allowed, denied: allowed / 10, shadowDenied: 0 }) as Snapshot
const second = (at: number, allowed = 1) => ({ at, allowed, denied: 0, shadowDenied: 0 })

describe('decisions of a second', () => {
  it('are what grew between two snapshots, also where one is late', () => {
    expect(secondBetween(snapshot(1000, 100), snapshot(2500, 400))).toEqual({
      at: 2500,
      allowed: 300,
      denied: 30,
      shadowDenied: 0,
    })
  })

  it.each([
    ['after a restart', snapshot(1000, 100), snapshot(2000, 3, 1500)],
    ['after a long pause', snapshot(1000, 100), snapshot(9000, 200)],
    ['of one instant', snapshot(1000, 100), snapshot(1000, 100)],
  ])('are not known %s', (_, before, now) => {
    expect(secondBetween(before, now)).toBeNull()
  })

  it('are kept for five minutes, and those that are told anew take the place of those before', () => {
    const before = Array.from({ length: SECONDS_KEPT }, (_, i) => second(i * 1000))
    const after = appendSeconds(before, [second(299_000, 7), second(300_000, 8)])
    expect(after).toHaveLength(SECONDS_KEPT)
    expect(after.slice(-3).map(({ at, allowed }) => [at, allowed])).toEqual([
      [298_000, 1],
      [299_000, 7],
      [300_000, 8],
    ])
    expect(appendSeconds(after, [])).toBe(after)
    expect(appendSeconds(before, [second(400_000)])[0]?.at).toBe(101_000)
  })

  it('are summed with how long they took', () => {
    expect(sumOfSeconds([second(1000), second(2000), second(3000)])).toMatchObject({
      allowed: 3,
      denied: 0,
      spanMs: 3000,
    })
    expect(sumOfSeconds([])).toEqual({ allowed: 0, denied: 0, shadowDenied: 0, spanMs: 0 })
  })
})
