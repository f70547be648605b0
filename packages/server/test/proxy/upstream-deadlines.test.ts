import { manualClock } from 'headgate/testing'
import { expect, it } from 'vitest'
import { Deadlines, type Watched } from '../../src/proxy/upstream/deadlines.ts'

/** Something that is to end after so many milliseconds. */
function watched(deadlines: Deadlines, ms: number): Watched & { readonly isLate: () => boolean } {
  const at = deadlines.in(ms)
  let isLate = false
  const check = (nowMs: number): void => {
    if (nowMs >= at) isLate = true
  }
  const one = { slot: -1, check, isLate: () => isLate }
  deadlines.watch(one)
  return one
}

it('deadlines are never early, and at most 0.2 s late', () => {
  const clock = manualClock()
  const deadlines = new Deadlines(clock)
  const first = watched(deadlines, 1000)
  clock.advance(50)
  const second = watched(deadlines, 1000)
  clock.advance(949)
  expect(first.isLate()).toBe(false)
  clock.advance(201)
  expect(first.isLate()).toBe(true)
  clock.advance(50)
  expect(second.isLate()).toBe(true)
})

it('deadlines do not count the time in which the thread stood still, nor that of clocks that are set', () => {
  const clock = manualClock()
  const deadlines = new Deadlines(clock)
  const one = watched(deadlines, 1000)
  clock.advance(500)
  clock.set(clock.now() + 3_600_000_000)
  clock.advance(100)
  clock.set(clock.now() - 7_200_000_000)
  expect(one.isLate()).toBe(false)
})

it('deadlines take a timer only while anything is watched', () => {
  const clock = manualClock()
  const deadlines = new Deadlines(clock)
  const one = watched(deadlines, 0)
  clock.advance('1d')
  expect(one.isLate()).toBe(false)
  deadlines.unwatch(one)
  clock.advance('1s')
  expect(clock.pending).toBe(0)
  expect(watched(deadlines, 10).isLate()).toBe(false)
  expect(clock.pending).toBe(1)
})

it('deadlines are looked at while some are added and others removed', () => {
  const clock = manualClock()
  const deadlines = new Deadlines(clock)
  const ended: number[] = []
  const add = (id: number, ms: number): Watched => {
    const at = deadlines.in(ms)
    const one: Watched = {
      slot: -1,
      check(nowMs) {
        if (nowMs < at) return
        ended.push(id)
        deadlines.unwatch(one)
        deadlines.unwatch(one)
      },
    }
    deadlines.watch(one)
    return one
  }
  const all = Array.from({ length: 20 }, (_, i) => add(i, 1000 * (1 + (i % 4))))
  for (const i of [3, 19, 0]) deadlines.unwatch(all[i] as Watched)
  clock.advance(2500)
  expect(ended.sort((a, b) => a - b)).toEqual([1, 4, 5, 8, 9, 12, 13, 16, 17])
  clock.advance(2000)
  expect(ended.length).toBe(17)
  expect(clock.pending).toBe(0)
})
