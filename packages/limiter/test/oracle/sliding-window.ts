import {
  CAPACITY_LIMIT,
  ceilDiv,
  firstAbove,
  least,
  type Model,
  most,
  QUANTA,
  STATE_LIMIT,
  sum,
} from './model.ts'
import type { Spec } from './spec.ts'

export interface SlidingState {
  readonly segment: bigint
  /** Units of the current segment and of the `segments` before it, newest first. */
  readonly counts: readonly bigint[]
}

interface SlidingModel extends Model<SlidingState> {
  readonly segments: number
  /** Length of a segment in microseconds. */
  readonly segmentUs: bigint
  readonly ceiling: bigint
}

export function slidingModel({ limit, windowUs, segments }: Spec): SlidingModel {
  const { quantum, length } = ladder(limit, windowUs, BigInt(segments))
  const ceiling = STATE_LIMIT / length
  const segmentUs = length * quantum
  const fresh: SlidingState = { segment: 0n, counts: Array.from({ length: segments + 1 }, () => 0n) }
  const segmentAt = (time: bigint): bigint => time / segmentUs
  // Weight in units × length, `quanta` quanta since 1970, were nothing spent until then.
  const weight = (state: SlidingState, quanta: bigint): bigint => {
    const { counts } = shift(state, quanta / length)
    return sum(counts) * length - (counts[segments] ?? 0n) * (quanta % length)
  }
  return {
    kind: 'sliding-window',
    identity: `sliding-window ${limit} ${length} ${segments} ${quantum}`,
    capacity: limit,
    quantum,
    segments,
    segmentUs,
    ceiling,
    fresh,
    isAhead: ({ segment }, now) => segment > segmentAt(now),
    forward: (state, now) => shift(state, segmentAt(now)),
    wait(state, now, cost) {
      const passes = (quanta: bigint): boolean => weight(state, quanta) + cost * length <= limit * length
      const from = now / quantum
      if (passes(from)) return 0n
      const end = (state.segment + BigInt(segments) + 1n) * length
      return firstAbove(from, end, passes) * quantum - now
    },
    spend(state, _now, cost) {
      const [newest = 0n, ...older] = state.counts
      return { ...state, counts: [newest + least(cost, ceiling - sum(state.counts)), ...older] }
    },
    remaining: (state, now) => most(0n, limit * length - weight(state, now / quantum)) / length,
    reset({ segment, counts }, now) {
      const newest = counts.findIndex((count) => count > 0n)
      if (newest === -1) return 0n
      return (segment - BigInt(newest) + BigInt(segments) + 1n) * segmentUs - now
    },
    used: (state, now) => ceilDiv(weight(state, now / quantum), length),
    refund(state, _now, cost, { takenAt }) {
      const age = state.segment - segmentAt(takenAt)
      const counts = state.counts.map((count, i) => (BigInt(i) === age ? most(0n, count - cost) : count))
      return { ...state, counts }
    },
    convert(from, state) {
      const old = from as SlidingModel
      if (old.segmentUs !== segmentUs || old.segments !== segments) return null
      let room = ceiling
      const counts = state.counts.map((count) => {
        const kept = least(count, room)
        room -= kept
        return kept
      })
      return { ...state, counts }
    },
  }
}

/** Every count belongs to a segment of time; what belongs to the future, after a clock went back, belongs to now. */
function shift({ segment, counts }: SlidingState, to: bigint): SlidingState {
  const aged = counts.map(() => 0n)
  for (const [age, count] of counts.entries()) {
    const since = most(0n, to - (segment - BigInt(age)))
    if (since < BigInt(counts.length)) aged[Number(since)] = (aged[Number(since)] ?? 0n) + count
  }
  return { segment: to, counts: aged }
}

function ladder(limit: bigint, windowUs: bigint, segments: bigint) {
  for (const quantum of QUANTA) {
    const length = windowUs / quantum / segments
    if (length * segments * quantum === windowUs && limit * length <= CAPACITY_LIMIT)
      return { quantum, length }
  }
  throw new Error('a sliding window that fits no quantum reached the model')
}
