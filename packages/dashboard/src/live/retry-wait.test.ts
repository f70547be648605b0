import { describe, expect, it } from 'vitest'
import { FIRST_WAIT_MS, LAST_WAIT_MS, nextWaitMs } from './retry-wait.ts'

describe('the wait before another try', () => {
  it('grows each time, up to half a minute', () => {
    const waits = Array.from({ length: 8 }).reduce<number[]>(
      (all) => [...all, nextWaitMs(all.at(-1) ?? 0, () => 0.5)],
      [FIRST_WAIT_MS],
    )
    expect(waits).toEqual([
      1000,
      2000,
      4000,
      8000,
      16_000,
      LAST_WAIT_MS,
      LAST_WAIT_MS,
      LAST_WAIT_MS,
      LAST_WAIT_MS,
    ])
  })

  it('has some chance in it', () => {
    expect([nextWaitMs(1000, () => 0), nextWaitMs(1000, () => 0.999)]).toEqual([1500, 2499])
  })
})
