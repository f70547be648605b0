import { CAPACITY_LIMIT, ceilDiv, firstAbove, least, type Model, most, QUANTA, STATE_LIMIT } from './model.ts'
import type { Spec } from './spec.ts'

export interface BucketState {
  readonly used: bigint
  readonly at: bigint
}

interface BucketModel extends Model<BucketState> {
  readonly unit: bigint
  readonly ceiling: bigint
}

/** Token bucket as a meter: `drain` sub-units leave in every whole quantum, a unit costs `unit` of them. */
export function bucketModel({ limit, windowUs, burst }: Spec): BucketModel {
  const { quantum, drain, unit, ceiling } = ladder(limit, windowUs, burst)
  const capacity = burst * unit
  return {
    kind: 'bucket',
    identity: `bucket ${quantum} ${drain} ${unit} ${capacity}`,
    capacity: burst,
    quantum,
    unit,
    ceiling,
    fresh: { used: 0n, at: 0n },
    isAhead: ({ at }, now) => at > now,
    forward({ used, at }, now) {
      const from = least(at, now)
      const quanta = (now - from) / quantum
      const left = used - quanta * drain
      return left <= 0n ? { used: 0n, at: now } : { used: left, at: from + quanta * quantum }
    },
    wait({ used, at }, now, cost) {
      const passes = (quanta: bigint): boolean => cost * unit <= capacity - most(0n, used - quanta * drain)
      return passes(0n) ? 0n : at + firstAbove(0n, used + 1n, passes) * quantum - now
    },
    spend: ({ used, at }, _now, cost) => ({ used: least(ceiling, used + cost * unit), at }),
    remaining: ({ used }) => most(0n, capacity - used) / unit,
    reset: ({ used, at }, now) => (used === 0n ? 0n : at + ceilDiv(used, drain) * quantum - now),
    used: ({ used }) => ceilDiv(used, unit),
    refund({ used, at }, now, cost, { takenAt }) {
      const drained = ceilDiv(most(0n, now - takenAt), quantum) * drain
      const back = most(0n, least(ceiling, cost * unit) - drained)
      return { used: most(0n, used - back), at }
    },
    convert(from, { used, at }) {
      const old = from as BucketModel
      return { used: least(ceiling, ceilDiv(used * unit, old.unit)), at }
    },
  }
}

function ladder(limit: bigint, windowUs: bigint, burst: bigint) {
  for (const quantum of QUANTA) {
    if (windowUs % quantum !== 0n) continue
    const g = gcd(limit, windowUs / quantum)
    const drain = limit / g
    const unit = windowUs / quantum / g
    const ceiling = least(STATE_LIMIT, drain * (STATE_LIMIT / quantum))
    const fits = burst * unit <= CAPACITY_LIMIT && drain <= CAPACITY_LIMIT && burst * unit <= ceiling
    if (fits) return { quantum, drain, unit, ceiling }
  }
  throw new Error('a bucket that fits no quantum reached the model')
}

function gcd(a: bigint, b: bigint): bigint {
  return b === 0n ? a : gcd(b, a % b)
}
