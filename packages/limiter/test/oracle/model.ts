/** What one spend left behind, for its refund; microseconds. */
export interface Mark {
  readonly takenAt: bigint
  readonly recoveredAt: bigint
}

/**
 * One rule in the reference model: BigInt, values never changed in place, the slowest and plainest way to say what
 * `design.md` says. All times are microseconds. Methods below `forward` take a state already brought to `now`.
 */
export interface Model<S = unknown> {
  readonly kind: string
  /** Two rules of equal identity share their state as it is. */
  readonly identity: string
  readonly capacity: bigint
  /** Step of the rule's clock: a retry-after is exact to it. */
  readonly quantum: bigint
  readonly fresh: S
  /** Whether the state lies in the future. */
  isAhead(state: S, now: bigint): boolean
  forward(state: S, now: bigint): S
  /**
   * As far forward as it goes for a configuration that does not have the rule: Redis is told the edges of a calendar
   * by the configurations that do.
   * @default forward
   */
  settle?(state: S, now: bigint): S
  /** 0 when `cost`, which is at most the capacity, passes; else how long until it does. */
  wait(state: S, now: bigint, cost: bigint): bigint
  spend(state: S, now: bigint, cost: bigint): S
  remaining(state: S, now: bigint): bigint
  reset(state: S, now: bigint): bigint
  /** Units used, rounded up. */
  used(state: S, now: bigint): bigint
  refund(state: S, now: bigint, cost: bigint, mark: Mark): S
  /** A state of another rule of the same kind in the terms of this one; null when only its used units carry over. */
  convert(from: Model<S>, state: S): S | null
}

export const STATE_LIMIT: bigint = 2n ** 52n
export const CAPACITY_LIMIT: bigint = 2n ** 51n
export const QUANTA: readonly bigint[] = [1n, 1000n, 1_000_000n]

export function ceilDiv(a: bigint, b: bigint): bigint {
  return a <= 0n ? -(-a / b) : (a + b - 1n) / b
}

export function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}

export function most(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}

export function sum(numbers: readonly bigint[]): bigint {
  return numbers.reduce((total, number) => total + number, 0n)
}

/** The first number above `low`, up to `high`, from which on `holds`; it must hold at `high`. */
export function firstAbove(low: bigint, high: bigint, holds: (n: bigint) => boolean): bigint {
  if (!holds(high)) throw new Error(`the model found no answer up to ${high}`)
  let [no, yes] = [low, high]
  while (yes - no > 1n) {
    const middle = (no + yes) / 2n
    if (holds(middle)) yes = middle
    else no = middle
  }
  return yes
}
