import { least, type Model, most, STATE_LIMIT, sum } from './model.ts'
import type { Spec } from './spec.ts'

interface Spend {
  readonly time: bigint
  readonly units: bigint
}

/** Every spend, oldest first. */
export type LogState = readonly Spend[]

export function logModel({ limit, windowUs }: Spec): Model<LogState> {
  const total = (state: LogState): bigint => sum(state.map(({ units }) => units))
  const spend = (state: LogState, now: bigint, cost: bigint): LogState => {
    const units = least(cost, STATE_LIMIT - total(state))
    const newest = state.at(-1)
    if (units === 0n) return state
    // Memory is O(N): once N spends are held, debt joins the newest of them, which moves forward.
    if (newest !== undefined && (newest.time === now || BigInt(state.length) >= limit)) {
      return [...state.slice(0, -1), { time: now, units: newest.units + units }]
    }
    return [...state, { time: now, units }]
  }
  const at = (state: LogState, now: bigint): LogState =>
    state
      .map(({ time, units }) => ({ time: least(time, now), units }))
      .filter(({ time }) => time + windowUs > now)
  return {
    kind: 'sliding-log',
    identity: `sliding-log ${limit} ${windowUs}`,
    capacity: limit,
    quantum: 1n,
    fresh: [],
    isAhead: (state, now) => state.some(({ time }) => time > now),
    forward: at,
    wait(state, now, cost) {
      if (total(state) + cost <= limit) return 0n
      // Room appears only at the instants at which a spend leaves.
      const leaves = state.map(({ time }) => time + windowUs)
      return (leaves.find((then) => total(at(state, then)) + cost <= limit) ?? 0n) - now
    },
    spend,
    remaining: (state) => most(0n, limit - total(state)),
    reset: (state, now) => (state.at(-1)?.time ?? now - windowUs) + windowUs - now,
    used: (state) => total(state),
    refund(state, _now, cost, { takenAt }) {
      const index = state.findIndex(({ time }) => time === takenAt)
      return state
        .map((entry, i) => (i === index ? { ...entry, units: most(0n, entry.units - cost) } : entry))
        .filter(({ units }) => units > 0n)
    },
    convert: (_from, state) => state,
  }
}
