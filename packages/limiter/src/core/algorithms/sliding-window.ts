import { type Algorithm, NEVER, type State, word } from '../algorithm.ts'
import { CAPACITY_MAX, QUANTA, STATE_MAX } from '../arithmetic.ts'
import { invalid } from '../errors.ts'

/** Terms of a sliding window of `segments` segments, each `length` quanta long. */
export interface SlidingTerms {
  readonly limit: number
  readonly length: number
  readonly segments: number
  /** Microseconds of one quantum: 1, 1,000 or 1,000,000. */
  readonly quantum: number
  /** Most units the state may hold. */
  readonly ceiling: number
}

/**
 * Sliding window. State is the number of the current segment, then the units of it and of the `segments` before it,
 * newest first. The oldest counts by the share of it that is still inside the window, in whole numbers: with L the
 * length and x the position in the current segment, used·L = (newer ones)·L + oldest·(L − x).
 */
export const slidingWindow: Algorithm<SlidingTerms> = {
  kind: 'sliding-window',

  compile({ limit, window, segments, path }) {
    for (const quantum of QUANTA) {
      const length = (window.ms * 1000) / quantum / segments
      if (!Number.isSafeInteger(length) || limit > CAPACITY_MAX / length) continue
      return { limit, length, segments, quantum, ceiling: Math.floor(STATE_MAX / length) }
    }
    const fix = 'use a smaller limit, or a number of segments that divides the window'
    const what = `limit ${limit} per ${window.ms} ms in ${segments} segments does not fit whole numbers`
    throw invalid(path, `${what}; ${fix}`, 'invalid-rule')
  },

  fields: (t) => [t.limit, t.length, t.segments, t.quantum, t.ceiling],
  words: (t) => t.segments + 2,
  ahead: (t, state, o, now) => word(state, o) > segmentAt(t, now),

  judge(t, state, o, now, cost) {
    roll(t, state, o, segmentAt(t, now))
    if (cost > t.limit) return NEVER
    const target = (t.limit - cost) * t.length
    return weigh(t, state, o, now) <= target ? 0 : wait(t, state, o, now, target)
  },

  spend(t, state, o, _now, cost) {
    const room = t.ceiling - total(t, state, o)
    state[o + 1] = word(state, o + 1) + Math.min(cost, room)
  },

  reset(t, state, o, now) {
    for (let i = 0; i <= t.segments; i++) {
      if (word(state, o + 1 + i) === 0) continue
      return (word(state, o) - i + t.segments + 1) * t.length * t.quantum - now
    }
    return 0
  },

  used: (t, state, o, now) => Math.ceil(weigh(t, state, o, now) / t.length),

  refund(t, state, o, _now, cost, mark) {
    const age = word(state, o) - segmentAt(t, mark.takenAtUs)
    if (age < 0 || age > t.segments) return
    state[o + 1 + age] = Math.max(0, word(state, o + 1 + age) - cost)
  },

  convert(from, source, to, target, o) {
    if (from.length * from.quantum !== to.length * to.quantum || from.segments !== to.segments) return false
    target[o] = word(source, 0)
    let room = to.ceiling
    for (let i = 1; i <= to.segments + 1; i++) {
      const units = Math.min(word(source, i), room)
      target[o + i] = units
      room -= units
    }
    return true
  },
}

function segmentAt(t: SlidingTerms, now: number): number {
  return Math.floor(now / (t.quantum * t.length))
}

function roll(t: SlidingTerms, state: State, o: number, segment: number): void {
  const shift = segment - word(state, o)
  state[o] = segment
  if (shift < 0) foldBack(t, state, o, -shift)
  const first = o + 1
  for (let i = first + t.segments; shift > 0 && i >= first; i--) {
    state[i] = i - shift >= first ? word(state, i - shift) : 0
  }
}

/** A clock went back: spends of segments to come count in the present one, and older ones stay where they were. */
function foldBack(t: SlidingTerms, state: State, o: number, by: number): void {
  const [first, last] = [o + 1, o + 1 + t.segments]
  let present = 0
  for (let i = first; i <= last && i <= first + by; i++) present += word(state, i)
  state[first] = present
  for (let i = first + 1; i <= last; i++) state[i] = i + by <= last ? word(state, i + by) : 0
}

function total(t: SlidingTerms, state: State, o: number): number {
  let sum = 0
  for (let i = o + 1; i <= o + 1 + t.segments; i++) sum += word(state, i)
  return sum
}

function weigh(t: SlidingTerms, state: State, o: number, now: number): number {
  const position = Math.floor(now / t.quantum) - word(state, o) * t.length
  return total(t, state, o) * t.length - word(state, o + 1 + t.segments) * position
}

/** Walks the coming segments to the first quantum at which at most `target` is used. */
function wait(t: SlidingTerms, state: State, o: number, now: number, target: number): number {
  let inside = total(t, state, o)
  for (let ahead = 0; ; ahead++) {
    const oldest = ahead > t.segments ? 0 : word(state, o + 1 + t.segments - ahead)
    const excess = inside * t.length - target
    const position = excess <= 0 ? 0 : Math.ceil(excess / oldest)
    if (position < t.length) return ((word(state, o) + ahead) * t.length + position) * t.quantum - now
    inside -= oldest
  }
}
