/** Checks recorded histories against G1, and with the lifetime of leases against G8: the interval worst for the bound. */
import type { Rule } from '../../src/core/rule.ts'
import { segmentsOf } from '../oracle/spec.ts'
import type { History, Spend } from './history.ts'

/** The interval that comes closest to its bound, or is furthest beyond it; both ends included. */
export interface Peak {
  readonly fromUs: number
  readonly toUs: number
  readonly units: number
  /** Most units that may have been admitted in it. */
  readonly most: number
}

/** What may be admitted at most. */
export type Bound =
  /** `burst` + `limit`·t/`windowUs` in any interval of length t. */
  | { readonly kind: 'rate'; readonly limit: number; readonly windowUs: number; readonly burst: number }
  /** `limit` in any interval no longer than `lengthUs`. */
  | { readonly kind: 'interval'; readonly limit: number; readonly lengthUs: number }
  /** `limit` in each window since the epoch, or since the first spend after the last one. */
  | { readonly kind: 'epoch' | 'first-hit'; readonly limit: number; readonly windowUs: number }

/** G1 of a compiled rule. */
export function boundOf(rule: Rule): Bound {
  const { algorithm, limit, capacity, windowMs } = rule
  const windowUs = windowMs * 1000
  switch (algorithm.kind) {
    case 'bucket':
      return { kind: 'rate', limit, windowUs, burst: capacity }
    case 'sliding-window': {
      const segments = segmentsOf(rule)
      return {
        kind: 'interval',
        limit,
        lengthUs: windowUs - (limit <= segments ? 1 : Math.ceil(windowUs / segments)),
      }
    }
    case 'epoch':
    case 'first-hit':
      return { kind: algorithm.kind, limit, windowUs }
    default:
      throw new Error(`no bound of ${algorithm.kind} is known here`)
  }
}

/**
 * The worst interval of a history; the bound is kept when `units` is no more than `most` there. With leases that live
 * for `leaseUs`, the bound of an interval t is that of t + `leaseUs`.
 */
export function peakOf(history: History, bound: Bound, leaseUs = 0): Peak {
  history.forEach(({ at }, i) => {
    if (at < (history[i - 1]?.at ?? 0)) throw new Error(`the history is not in order at ${i}`)
  })
  switch (bound.kind) {
    case 'rate':
      return ratePeak(history, bound, leaseUs)
    case 'interval':
      return intervalPeak(history, bound, leaseUs)
    case 'epoch':
      return windowPeak(history, bound, (first) => (Math.floor(first / bound.windowUs) + 1) * bound.windowUs)
    case 'first-hit':
      // A lease is spent later than its window began, so where windows began cannot be told.
      return leaseUs === 0
        ? windowPeak(history, bound, (first) => first + bound.windowUs)
        : intervalPeak(history, { limit: 2 * bound.limit, lengthUs: bound.windowUs - 1 }, leaseUs)
  }
}

/** Says what is wrong; null when the bound is kept. */
export function violation(history: History, bound: Bound, leaseUs = 0): string | null {
  const { fromUs, toUs, units, most } = peakOf(history, bound, leaseUs)
  return units <= most ? null : `${units} units in ${toUs - fromUs} µs from ${fromUs}, of at most ${most}`
}

type IntervalBound = Pick<Extract<Bound, { kind: 'interval' }>, 'limit' | 'lengthUs'>

const NONE: Peak = { fromUs: 0, toUs: 0, units: 0, most: 0 }

/** Units over the rate, as in the largest sum of a run of numbers: exact, since none of it fits 2^53 for long. */
function ratePeak(history: History, bound: Extract<Bound, { kind: 'rate' }>, leaseUs: number): Peak {
  const [window, limit] = [BigInt(bound.windowUs), BigInt(bound.limit)]
  let peak = NONE
  let worst: bigint | null = null
  let run = 0n
  let [fromUs, units, last] = [0, 0, 0]
  for (const { at, cost } of history) {
    const waited = run - limit * BigInt(at - last)
    if (waited <= 0n) [fromUs, units] = [at, 0]
    run = (waited > 0n ? waited : 0n) + BigInt(cost) * window
    units += cost
    last = at
    if (worst !== null && run <= worst) continue
    worst = run
    const most = bound.burst + Number((limit * BigInt(at - fromUs + leaseUs)) / window)
    peak = { fromUs, toUs: at, units, most }
  }
  return peak
}

/**
 * The fullest interval. A longer one is made of several of `lengthUs`, each with the limit; without leases it keeps
 * its bound where its parts do, but the lifetime of a lease is added to the whole and not to each part.
 */
function intervalPeak(history: History, bound: IntervalBound, leaseUs: number): Peak {
  const wholeUs = (history.at(-1)?.at ?? 0) - (history[0]?.at ?? 0)
  let times = Math.floor(leaseUs / bound.lengthUs) + 1
  let peak = fullest(history, bound, times, leaseUs)
  while (leaseUs > 0 && times * bound.lengthUs - leaseUs < wholeUs) {
    const longer = fullest(history, bound, ++times, leaseUs)
    if (longer.units - longer.most > peak.units - peak.most) peak = longer
  }
  return peak
}

/** The fullest interval of the longest length for which `times` the limit is the bound. */
function fullest(history: History, { limit, lengthUs }: IntervalBound, times: number, leaseUs: number): Peak {
  const spanUs = times * lengthUs - leaseUs
  let peak = { ...NONE, most: times * limit }
  let [first, units] = [0, 0]
  for (const { at, cost } of history) {
    units += cost
    for (; at - (history[first] as Spend).at > spanUs; first++) units -= (history[first] as Spend).cost
    if (units > peak.units) peak = { ...peak, fromUs: (history[first] as Spend).at, toUs: at, units }
  }
  return peak
}

/** The fullest window; `endOf` says when the one of a spend that is the first of it ends. */
function windowPeak(
  history: History,
  { limit }: { readonly limit: number },
  endOf: (firstUs: number) => number,
): Peak {
  let peak = { ...NONE, most: limit }
  let [fromUs, endUs, units] = [0, 0, 0]
  for (const { at, cost } of history) {
    if (at >= endUs) [fromUs, endUs, units] = [at, endOf(at), 0]
    units += cost
    if (units > peak.units) peak = { ...peak, fromUs, toUs: at, units }
  }
  return peak
}
