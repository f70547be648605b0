import { burstTime, elapsedUs, readWall } from '../../core/clock.ts'
import { processOf } from '../../core/runtime.ts'
import { CLOCK_DRAWN, CLOCK_READING, type MemoryMap, readingAt } from './memory-map.ts'

/** Time that is the same in all threads, but for what a thread may have read a little earlier. */
export interface ThreadTime {
  /** Microseconds since the Unix epoch; in a burst the same reading several times. */
  now(): number
  /** The same, read now. */
  fresh(): number
  /** A record written by so many microseconds later than now is not from the future, but by a thread whose clock is ahead. */
  readonly aheadMaxUs: number
}

/**
 * State further ahead of the clock than this comes from before the clock was set back (G7): threads share the readings of the wall
 * clock, so theirs differ by less. Short, since a record tells only the lower 32 bits of when it was written: one of 72 minutes ago
 * may be taken for one that is ahead.
 */
const AHEAD_MAX_US = 10_000
/** Attempts to read two clocks at once; the quickest counts. */
const SAMPLES = 32

/**
 * The wall clock of the system, carried by the monotonic one. Threads share the readings of the wall clock, in a ring: whoever finds
 * that one is due makes it, so that all are corrected at once.
 */
export function threadTime(map: MemoryMap): ThreadTime {
  const { ints, doubles } = map
  const shift = shiftOfThread()
  const fresh = (): number => {
    const elapsed = elapsedUs() + shift
    const number = Atomics.load(ints, CLOCK_READING)
    const at = readingAt(number)
    const resyncAt = doubles[at + 2] as number
    if (number !== 0 && elapsed < resyncAt) {
      return Math.max(doubles[at + 1] as number, (doubles[at] as number) + elapsed)
    }
    readAgain(map, number, elapsed)
    return fresh()
  }
  return { now: burstTime(fresh), fresh, aheadMaxUs: AHEAD_MAX_US }
}

/** Puts another reading in place of that of a number, unless another thread has done so. */
function readAgain({ ints, doubles }: MemoryMap, number: number, elapsed: number): void {
  const at = readingAt(number)
  const last = { offset: doubles[at] as number, heldUs: doubles[at + 1] as number, resyncAt: 0 }
  const next = readWall(elapsed, last)
  // A number of its own, so that two threads never write at one place.
  const drawn = Atomics.add(ints, CLOCK_DRAWN, 1) + 1
  doubles.set([next.offset, next.heldUs, next.resyncAt], readingAt(drawn))
  Atomics.compareExchange(ints, CLOCK_READING, number, drawn)
}

/** What the monotonic clock of this thread is behind that of the system, in microseconds: a thread counts from its own start. */
function shiftOfThread(): number {
  const hrtime = processOf()?.hrtime
  if (hrtime === undefined) return Math.round(performance.timeOrigin * 1000)
  let best = { took: Number.POSITIVE_INFINITY, shift: 0 }
  for (let i = 0; i < SAMPLES; i++) {
    const before = microseconds(hrtime())
    const own = elapsedUs()
    const after = microseconds(hrtime())
    const took = after - before
    if (took < best.took) best = { took, shift: Math.round((before + after) / 2 - own) }
  }
  return best.shift
}

function microseconds([seconds, nanoseconds]: readonly [number, number]): number {
  return seconds * 1_000_000 + nanoseconds / 1000
}
