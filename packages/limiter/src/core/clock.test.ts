import { afterEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from './clock.ts'

const LONGEST_TIMER_MS = 2 ** 31 - 1

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

describe('systemClock', () => {
  it('tells whole microseconds near the wall clock, which grow while the wall clock does', () => {
    const clock = systemClock()
    const began = Date.now()
    let last = 0
    for (let i = 0; i < 20_000; i++) {
      const now = clock.now()
      if (now < last || !Number.isSafeInteger(now)) throw new Error(`${now} after ${last}`)
      last = now
    }
    expect(last / 1000).toBeGreaterThan(began - 1000)
    expect(last / 1000).toBeLessThan(Date.now() + 1000)
  })

  it('answers at most 15 readings of a burst by one reading', () => {
    const { performanceNow } = stopped()
    const clock = systemClock()
    for (let i = 0; i < 16_000; i++) clock.now()
    expect(performanceNow.mock.calls.length).toBeGreaterThanOrEqual(1000)
    expect(performanceNow.mock.calls.length).toBeLessThan(1100)
  })

  it('sees time that passed in a burst after at most 15 readings more', () => {
    const time = stopped()
    const clock = systemClock()
    for (let i = 0; i < 100; i++) clock.now()
    const before = clock.now()
    time.ms += 5
    const stale = readings(clock, 16).filter((now) => now === before)
    expect(stale.length).toBeLessThanOrEqual(15)
    expect(clock.now()).toBe(before + 5000)
  })

  it('reads anew after a turn of the event loop', async () => {
    const time = stopped()
    const clock = systemClock()
    const before = readings(clock, 40).at(-1) as number
    time.ms += 1
    await new Promise((resolve) => setImmediate(resolve))
    expect(clock.now()).toBe(before + 1000)
  })

  it('does not take readings after a turn of the event loop for more of a burst before it', async () => {
    const time = stopped()
    const clock = systemClock()
    readings(clock, 40)
    await new Promise((resolve) => setImmediate(resolve))
    const first = clock.now()
    time.ms += 1
    expect(readings(clock, 2).at(-1)).toBe(first + 1000)
  })

  it('follows fake timers that were put in place after its first reading', () => {
    const clock = systemClock()
    const before = clock.now()
    vi.useFakeTimers({ toFake: ['Date', 'performance', 'setTimeout'] })
    vi.advanceTimersByTime(3_600_000)
    expect(clock.now() - before).toBeGreaterThan(3_000_000_000)
  })

  it('reads the clock for every reading that stands alone', () => {
    const time = stopped()
    const clock = systemClock()
    const start = clock.now()
    for (let i = 1; i <= 50; i++) {
      time.ms += 0.004
      expect(Math.abs(clock.now() - start - i * 4)).toBeLessThanOrEqual(1)
    }
  })

  it('follows a wall clock that is ahead within a second', () => {
    const time = stopped()
    const clock = systemClock()
    const start = clock.now()
    time.wall += 3_600_000
    time.ms += 999
    expect(clock.now()).toBe(start + 999_000)
    time.ms += 1
    expect(clock.now()).toBe(start + 3_601_000_000)
  })

  it('is set back within a second where it is ahead of the wall by a second or more', () => {
    const time = stopped()
    const clock = systemClock()
    const start = clock.now()
    time.wall -= 3_600_000
    time.ms += 999
    expect(clock.now()).toBe(start + 999_000)
    time.ms += 1
    // Anywhere within the wall's millisecond.
    expect(clock.now() - (start - 3_599_000_000)).toBeGreaterThanOrEqual(0)
    expect(clock.now() - (start - 3_599_000_000)).toBeLessThan(1000)
  })

  it('is held where it is ahead by less, until time catches up', () => {
    const time = stopped()
    const clock = systemClock()
    const start = clock.now()
    time.wall -= 600
    time.ms += 1000
    expect(clock.now()).toBe(start + 1_000_000)
    for (const [ms, ahead] of [
      [599, 0],
      [1, 0],
      [100, 100_000],
    ] as const) {
      time.ms += ms
      expect(Math.abs(clock.now() - start - 1_000_000 - ahead)).toBeLessThan(1000)
    }
  })

  it('mints no time where the wall goes to and fro by less than a second', () => {
    const time = stopped()
    const clock = systemClock()
    const start = clock.now()
    let last = start
    for (let i = 0; i < 100; i++) {
      time.wall = i % 2 === 0 ? -900 : 0
      time.ms += 1000
      expect(clock.now()).toBeGreaterThanOrEqual(last)
      last = clock.now()
    }
    expect(last - start).toBeLessThanOrEqual(100_001_000)
  })

  it('goes back only by a second or more, and never below the wall', () => {
    const time = stopped()
    const clock = systemClock()
    let last = clock.now()
    let jumps = 0
    for (let i = 0; i < 2000; i++) {
      time.wall += ((i * 7919) % 2001) - 1000
      time.ms += (i * 31) % 400
      const now = clock.now()
      if (now < last) {
        jumps++
        expect(now - Date.now() * 1000).toBeGreaterThanOrEqual(0)
        expect(last - now).toBeGreaterThan(500_000)
      }
      last = now
    }
    expect(jumps).toBeGreaterThan(0)
  })

  it('says by how much its timers may fire early', () => {
    expect(systemClock().timerSlackMs).toBe(1)
  })

  it('calls back once after a time rounded up to milliseconds', () => {
    vi.useFakeTimers()
    const callback = vi.fn()
    systemClock().after(2.2, callback)
    vi.advanceTimersByTime(2)
    expect(callback).not.toHaveBeenCalled()
    vi.advanceTimersByTime(10)
    expect(callback).toHaveBeenCalledTimes(1)
  })

  it('calls back never when cancelled', () => {
    vi.useFakeTimers()
    const callback = vi.fn()
    const cancel = systemClock().after(5, callback)
    cancel()
    cancel()
    vi.advanceTimersByTime(100)
    expect(callback).not.toHaveBeenCalled()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('wakes early from a wait longer than a timer can be, not at once', () => {
    vi.useFakeTimers()
    const callback = vi.fn()
    systemClock().after(2 ** 40, callback)
    vi.advanceTimersByTime(LONGEST_TIMER_MS - 1)
    expect(callback).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1)
    expect(callback).toHaveBeenCalledTimes(1)
  })
})

/** Both clocks of the process, stopped: `ms` is the monotonic one, `wall` what the wall clock is set forward. */
function stopped() {
  const origin = Math.floor(performance.timeOrigin)
  const time = { ms: 1000, wall: 0, performanceNow: vi.spyOn(performance, 'now') }
  vi.spyOn(performance, 'timeOrigin', 'get').mockImplementation(() => origin)
  time.performanceNow.mockImplementation(() => time.ms)
  vi.spyOn(Date, 'now').mockImplementation(() => Math.floor(origin + time.ms + time.wall))
  return time
}

function readings(clock: { now(): number }, count: number): number[] {
  return Array.from({ length: count }, () => clock.now())
}
