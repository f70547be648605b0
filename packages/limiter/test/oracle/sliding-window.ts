import { ceilDiv, least, type Model, STATE_LIMIT, sum, unitsLeft } from './model.ts'
import type { Spec } from './spec.ts'

export interface Entry {
  readonly start: bigint
  readonly units: bigint
}

export interface SlidingState {
  /** Oldest first, no two of one start, none without units. */
  readonly entries: readonly Entry[]
  readonly spentAt: bigint
}

/** Sliding window of entries; a sliding log is one with as many segments as its limit. */
export function slidingModel({ limit, windowUs, segments }: Spec): Model<SlidingState> {
  const count = Number(segments)
  const length = limit <= segments ? 0n : ceilDiv(windowUs, segments)
  const total = (entries: readonly Entry[]): bigint => sum(entries.map(({ units }) => units))
  const withUnits = (state: SlidingState, entries: readonly Entry[]): SlidingState => ({
    ...state,
    entries: entries.filter(({ units }) => units > 0n),
  })
  return {
    kind: 'sliding-window',
    capacity: limit,
    quantum: 1n,
    fresh: { entries: [], spentAt: 0n },
    isFuture: ({ entries }, now) => entries.some(({ start }) => start > now),
    advance({ entries, spentAt }, now) {
      const live = present(entries, now).filter(({ start }) => start + windowUs > now)
      return { entries: live, spentAt: least(spentAt, now) }
    },
    recoversAt: ({ entries }) => (entries.length === 0 ? 0n : (entries.at(-1) as Entry).start + windowUs),
    spentAt: ({ spentAt }) => spentAt,
    wait({ entries }, now, cost) {
      if (total(entries) + cost <= limit) return 0n
      const last = entries.find((_, i) => total(entries.slice(i + 1)) + cost <= limit)
      return (last as Entry).start + windowUs - now
    },
    spend({ entries }, now, cost) {
      const units = least(cost, STATE_LIMIT - total(entries))
      const newest = entries.at(-1)
      const joins = newest !== undefined && (now === newest.start || now - newest.start < length)
      const grown = joins
        ? [...entries.slice(0, -1), { start: newest.start, units: newest.units + units }]
        : [...entries, { start: now, units }]
      return { entries: units === 0n ? entries : atMost(count, grown), spentAt: now }
    },
    used: ({ entries }) => total(entries),
    standing({ entries }) {
      const { start, units } = entries.at(-1) as Entry
      return { stood: units, since: start }
    },
    refund(state, _now, cost, standing) {
      const entry = state.entries.find(({ start }) => start === standing.since)
      if (entry === undefined) return { state, amount: 0n, units: 0n }
      const units = least(cost, entry.units, unitsLeft(standing))
      const left = state.entries.map((one) => (one === entry ? { ...one, units: one.units - units } : one))
      return { state: withUnits(state, left), amount: units, units }
    },
    credit(state, cost) {
      let wanted = cost
      const left = state.entries.toReversed().map(({ start, units }) => {
        const back = least(wanted, units)
        wanted -= back
        return { start, units: units - back }
      })
      const units = cost - wanted
      return { state: withUnits(state, left.toReversed()), amount: units, units }
    },
  }
}

/** Entries of the future become one, at now, with what is there already; nothing where there are none. */
function present(entries: readonly Entry[], now: bigint): readonly Entry[] {
  if (!entries.some(({ start }) => start > now)) return entries
  const units = sum(entries.filter(({ start }) => start >= now).map((entry) => entry.units))
  return [...entries.filter(({ start }) => start < now), { start: now, units }]
}

/** The two oldest become one, with the start of the later, until there are no more than `count`. */
function atMost(count: number, entries: readonly Entry[]): readonly Entry[] {
  const [first, second, ...rest] = entries
  if (entries.length <= count || first === undefined || second === undefined) return entries
  return atMost(count, [{ start: second.start, units: first.units + second.units }, ...rest])
}
