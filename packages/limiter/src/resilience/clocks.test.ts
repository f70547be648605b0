import { afterEach, describe, expect, it, vi } from 'vitest'
import { expiryClock } from './clocks.ts'

afterEach(() => {
  vi.useRealTimers()
})

function work(ms: number): void {
  const began = performance.now()
  while (performance.now() < began + ms) {
    // Works.
  }
}

describe('expiryClock', () => {
  it('is read anew each time, also in the middle of a turn that takes long', () => {
    const clock = expiryClock()
    for (let i = 0; i < 100; i++) clock.now()
    const before = clock.now()
    work(3)
    expect(clock.now() - before).toBeGreaterThanOrEqual(3000)
  })

  it('follows the wall clock forward within a millisecond, as after a suspension, and never back', () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const clock = expiryClock()
    const before = clock.now()
    vi.setSystemTime(Date.now() + 10_000)
    work(1)
    const after = clock.now()
    expect(after - before).toBeGreaterThanOrEqual(9_900_000)
    vi.setSystemTime(Date.now() - 60_000)
    work(1)
    expect(clock.now()).toBeGreaterThanOrEqual(after)
  })
})
