// biome-ignore-all lint/complexity/useMaxParams: state functions run for every decision; an object of arguments would be made each time
import { type Algorithm, at, NEVER, RECEIPT, REMAINING, RESET, type State, WAIT } from '../algorithm.ts'
import { CAPACITY_MAX, gcd, QUANTA, STATE_MAX } from '../arithmetic.ts'
import { formatSeconds } from '../duration.ts'
import { invalid } from '../errors.ts'

/**
 * Exact terms of a bucket. With N units per window W (in quanta) and g = gcd(N, W), `drain` = N/g sub-units drain in
 * each quantum and a unit is `unit` = W/g sub-units, so that no fractions occur. 100/min, in quanta of 1 µs, drains 1
 * sub-unit per µs, and a unit is 600,000.
 */
export interface BucketTerms {
  readonly drain: number
  readonly unit: number
  /** Capacity in sub-units: burst × unit. */
  readonly capacity: number
  /** Microseconds of one quantum: 1, 1,000 or 1,000,000. */
  readonly quantum: number
  /** Where debt saturates, in sub-units. */
  readonly ceiling: number
}

/**
 * Indices of the state, after the incarnation: sub-units given back, sub-units used, end of the last drained quantum.
 */
const RETURNED = 1
const USED = 2
const DRAINED_AT = 3
const SIZE = 4

/** Reused by `readReply` to hold the state that a reply describes. */
const replyState: State = new Float64Array(SIZE)

/**
 * Token bucket, GCRA and leaky bucket as a meter: three names of one algorithm. `DRAINED_AT` advances by whole quanta
 * only, so the begun quantum is never lost, however coarse it is (G2).
 */
export const bucket: Algorithm<BucketTerms> = {
  kind: 'bucket',
  lapsesAtReset: false,

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

  options: ['burst'],
  identity: (t) => `${t.drain} ${t.unit} ${t.quantum}`,
  luaTerms: (t) => [t.drain, t.unit, t.capacity, t.quantum, t.ceiling],
  stateSize: () => SIZE,
  isFuture: (_, state, o, now) => at(state, o + DRAINED_AT) > now,

  advance(t, state, o, now) {
    const used = at(state, o + USED)
    const since = Math.min(at(state, o + DRAINED_AT), now)
    const steps = t.quantum === 1 ? now - since : Math.floor((now - since) / t.quantum)
    // Above 2^53 the product is inexact, but then it is far above any `used`.
    const drained = steps * t.drain
    if (drained >= used) {
      state[o] = 0
      state[o + RETURNED] = 0
      state[o + USED] = 0
      state[o + DRAINED_AT] = now
    } else {
      state[o + USED] = used - drained
      state[o + DRAINED_AT] = since + steps * t.quantum
    }
  },

  waitFor(t, state, o, now, cost) {
    if (cost * t.unit > t.capacity) return NEVER
    const excess = at(state, o + USED) + cost * t.unit - t.capacity
    return excess <= 0 ? 0 : at(state, o + DRAINED_AT) + stepsFor(t, excess) * t.quantum - now
  },

  spend(t, state, o, _now, cost, incarnation) {
    if (state[o] === 0) state[o] = incarnation
    state[o + USED] = Math.min(t.ceiling, at(state, o + USED) + cost * t.unit)
  },

  used: (t, state, o) => Math.ceil(at(state, o + USED) / t.unit),

  recoversAt(t, state, o) {
    const used = at(state, o + USED)
    return used === 0 ? 0 : at(state, o + DRAINED_AT) + stepsFor(t, used) * t.quantum
  },

  spentAt: (state, o) => at(state, o + DRAINED_AT),

  receipt(_, state, o, numbers, from) {
    numbers[from] = at(state, o)
    numbers[from + 1] = at(state, o + RETURNED)
    numbers[from + 2] = 0
    numbers[from + 3] = at(state, o + USED)
    numbers[from + 4] = at(state, o + DRAINED_AT)
  },

  // First in, first out: of the sub-units used right after the spend (`stood`), its own drain last, and whatever was
  // given back since is assumed to be its own. Steps are rounded up, since the begun quantum may have drained.
  refund(t, state, o, now, cost, { stood, since, returned }) {
    const steps = Math.ceil(Math.max(0, now - since) / t.quantum)
    const left = stood - steps * t.drain - (at(state, o + RETURNED) - returned)
    return giveBack(t, state, o, Math.min(cost * t.unit, left))
  },

  credit: (t, state, o, _now, cost) => giveBack(t, state, o, cost * t.unit),

  carry(from, source, to, target, o, now) {
    const used = at(source, USED)
    const units = Math.ceil(used / from.unit)
    target[o + USED] = Math.min(to.capacity, units * to.unit)
    target[o + DRAINED_AT] = now
  },

  replySize: 4,
  readReply(t, { numbers: reply, at: first, now, cost }, numbers, from) {
    const used = reply[first] as number
    replyState[USED] = used < 0 ? -1 - used : used
    replyState[DRAINED_AT] = reply[first + 1] as number
    replyState[0] = reply[first + 2] as number
    replyState[RETURNED] = reply[first + 3] as number
    numbers[from + WAIT] = used < 0 ? bucket.waitFor(t, replyState, 0, now, cost) : 0
    numbers[from + REMAINING] = Math.max(0, Math.floor((t.capacity - at(replyState, USED)) / t.unit))
    const recoversAt = bucket.recoversAt(t, replyState, 0)
    numbers[from + RESET] = recoversAt === 0 ? 0 : recoversAt - now
    bucket.receipt(t, replyState, 0, numbers, from + RECEIPT)
  },

  waitForMore({ unit, drain, capacity, quantum }, { wait, remaining }, cost, before) {
    if (cost * unit > capacity) return NEVER
    if (cost <= remaining) return 0
    const missing = wait === 0 ? cost - remaining : cost - before
    return wait + Math.ceil((missing * unit) / drain) * quantum
  },

  worstCase(_, { limit, capacity, windowMs, leaseMs, overdraw }) {
    const more = Math.floor((limit * leaseMs) / windowMs)
    const sentence = `at most ${capacity + more} at one instant, and ${limit} more each ${formatSeconds(windowMs)}`
    return overdraw
      ? `${sentence}, plus what one call spends beyond, which the bucket pays back before the next`
      : sentence
  },
}

/**
 * Gives back up to `wanted` sub-units; returns whole units, rounded down. When the count of sub-units given back
 * exceeds 2^52, it restarts at 0 with a new incarnation, so that older receipts become void: safe, since none then
 * gives too much.
 */
function giveBack(t: BucketTerms, state: State, o: number, wanted: number): number {
  const back = Math.min(wanted, at(state, o + USED))
  if (back <= 0) return 0
  const returned = at(state, o + RETURNED) + back
  state[o + USED] = at(state, o + USED) - back
  state[o + RETURNED] = returned > STATE_MAX ? 0 : returned
  if (returned > STATE_MAX) state[o] = 0
  return Math.floor(back / t.unit)
}

/** Quanta that drain an amount. Many rules have a drain of 1, and a division costs as much as the rest. */
function stepsFor({ drain }: BucketTerms, amount: number): number {
  return drain === 1 ? amount : Math.ceil(amount / drain)
}
