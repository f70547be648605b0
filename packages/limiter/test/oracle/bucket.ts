import {
  CAPACITY_LIMIT,
  ceilDiv,
  firstAbove,
  type GivenBack,
  least,
  type Model,
  most,
  QUANTA,
  STATE_LIMIT,
} from './model.ts'
import type { Spec } from './spec.ts'

export interface BucketState {
  readonly used: bigint
  readonly at: bigint
}

/** Token bucket as a meter: `drain` sub-units leave in every whole quantum, a unit costs `unit` of them. */
export function bucketModel({ limit, windowUs, burst }: Spec): Model<BucketState> {
  const { quantum, drain, unit, ceiling } = ladder(limit, windowUs, burst)
  const capacity = burst * unit
  const giveBack = ({ used, at }: BucketState, wanted: bigint): GivenBack<BucketState> => {
    const amount = most(0n, least(wanted, used))
    return { state: { used: used - amount, at }, amount, units: amount / unit }
  }
  return {
    kind: 'bucket',
    capacity: burst,
    quantum,
    fresh: { used: 0n, at: 0n },
    isFuture: ({ at }, now) => at > now,
    advance({ used, at }, now) {
      const from = least(at, now)
      const quanta = (now - from) / quantum
      const left = used - quanta * drain
      return left <= 0n ? { used: 0n, at: now } : { used: left, at: from + quanta * quantum }
    },
    recoversAt: ({ used, at }) => (used === 0n ? 0n : at + ceilDiv(used, drain) * quantum),
    spentAt: ({ at }) => at,
    wait({ used, at }, now, cost) {
      const passes = (quanta: bigint): boolean => cost * unit <= capacity - most(0n, used - quanta * drain)
      return passes(0n) ? 0n : at + firstAbove(0n, used + 1n, passes) * quantum - now
    },
    spend: ({ used, at }, _now, cost) => ({ used: least(ceiling, used + cost * unit), at }),
    used: ({ used }) => ceilDiv(used, unit),
    standing: ({ used, at }) => ({ stood: used, since: at }),
    // First in, first out: what stood drains before the spend does, a quantum under way included, and what was given
    // back since is taken to be of this spend.
    refund(state, now, cost, { stood, since, returned }) {
      const drained = ceilDiv(most(0n, now - since), quantum) * drain
      return giveBack(state, least(cost * unit, stood - drained - returned))
    },
    credit: (state, cost) => giveBack(state, cost * unit),
    carry: (used, now) => ({ used: least(capacity, used * unit), at: now }),
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
