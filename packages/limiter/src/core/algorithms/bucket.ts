import { type Algorithm, NEVER } from '../algorithm.ts'
import { CAPACITY_MAX, gcd, mulDivCeil, QUANTA, STATE_MAX } from '../arithmetic.ts'
import { invalid } from '../errors.ts'

/**
 * Exact terms of a bucket. With N units per window W (in quanta) and g = gcd(N, W), `drain` = N/g sub-units leave
 * in each quantum and a unit costs `unit` = W/g sub-units, so that no fraction ever exists.
 */
export interface BucketTerms {
  readonly drain: number
  readonly unit: number
  /** Capacity in sub-units: burst × unit. */
  readonly capacity: number
  /** Microseconds of one drain step: 1, 1,000 or 1,000,000. */
  readonly quantum: number
  /** Where debt saturates, in sub-units. */
  readonly ceiling: number
}

/**
 * Token bucket, GCRA and leaky bucket as a meter: three names of one algorithm. State is `used` sub-units and `at`,
 * the end of the last quantum drained, so that a coarse step loses no accrual either (G2).
 */
export const bucket: Algorithm<BucketTerms> = {
  kind: 'bucket',

  compile({ limit, window, burst, path }) {
    for (const quantum of QUANTA) {
      const length = (window.ms * 1000) / quantum
      if (!Number.isSafeInteger(length)) continue
      const g = gcd(limit, length)
      const drain = limit / g
      const unit = length / g
      if (burst > CAPACITY_MAX / unit || drain > CAPACITY_MAX) continue
      const steps = Math.floor(STATE_MAX / quantum)
      const ceiling = drain > Math.floor(STATE_MAX / steps) ? STATE_MAX : drain * steps
      if (burst * unit <= ceiling) return { drain, unit, capacity: burst * unit, quantum, ceiling }
    }
    const fix = 'use a smaller burst or limit, or a longer unit that divides evenly'
    throw invalid(path, `burst ${burst} of ${limit} per ${window.ms} ms is too fine; ${fix}`, 'invalid-rule')
  },

  fields: (t) => [t.drain, t.unit, t.capacity, t.quantum, t.ceiling],
  words: () => 2,
  ahead: (_, state, o, now) => num(state, o + 1) > now,

  judge(t, state, o, now, cost) {
    let used = num(state, o)
    let at = num(state, o + 1)
    if (at > now) at = now
    const steps = t.quantum === 1 ? now - at : Math.floor((now - at) / t.quantum)
    // Beyond 2^53 the product is rounded, but then it is far above any `used`.
    const drained = steps * t.drain
    if (drained >= used) {
      used = 0
      at = now
    } else {
      used -= drained
      at += steps * t.quantum
    }
    state[o] = used
    state[o + 1] = at
    if (cost * t.unit > t.capacity) return NEVER
    const excess = used + cost * t.unit - t.capacity
    return excess <= 0 ? 0 : at + stepsFor(t, excess) * t.quantum - now
  },

  spend(t, state, o, _now, cost) {
    state[o] = Math.min(t.ceiling, num(state, o) + cost * t.unit)
  },

  reset(t, state, o, now) {
    const used = num(state, o)
    return used === 0 ? 0 : num(state, o + 1) + stepsFor(t, used) * t.quantum - now
  },

  used: (t, state, o) => Math.ceil(num(state, o) / t.unit),

  refund(t, state, o, now, cost, mark) {
    // Rounded up: what drained since the spend may include the quantum under way.
    const steps = Math.ceil(Math.max(0, now - mark.takenAtUs) / t.quantum)
    const back = Math.min(t.ceiling, cost * t.unit) - steps * t.drain
    if (back > 0) state[o] = Math.max(0, num(state, o) - back)
  },

  convert(from, source, to, target, o) {
    const used = num(source, 0)
    const whole = Math.floor(used / from.unit)
    const part = mulDivCeil(used - whole * from.unit, to.unit, from.unit)
    target[o] = Math.min(to.ceiling, whole * to.unit + part)
    target[o + 1] = num(source, 1)
    return true
  },
}

function num(state: Float64Array, index: number): number {
  return state[index] as number
}

/** Quanta that drain an amount. Many rules drain one sub-unit a quantum, and a division costs as much as the rest. */
function stepsFor({ drain }: BucketTerms, amount: number): number {
  return drain === 1 ? amount : Math.ceil(amount / drain)
}
