/** How much a spend left where it stands, and what was given back there since; microseconds and a model's own measure. */
export interface Standing {
  /** Used right after the spend: sub-units of a bucket, units of a fixed window or in the entry of a sliding one. */
  readonly stood: bigint
  /** When that was so of a bucket; when the entry of a sliding window began. */
  readonly since: bigint
  /** Given back by the whole record since then. */
  readonly returned: bigint
  /** How much of that was credited. */
  readonly credited: bigint
}

/** A state after something was given back. */
export interface GivenBack<S> {
  readonly state: S
  /** What the record counts as given back, in the model's own measure. */
  readonly amount: bigint
  /** Whole units of it. */
  readonly units: bigint
}

/**
 * One rule in the reference model: BigInt, values never changed in place, the slowest and plainest way to say what
 * `design.md` says. All times are microseconds. Methods from `wait` on take a state already brought to `now`.
 */
export interface Model<S = unknown> {
  readonly kind: string
  readonly capacity: bigint
  /** Step of the rule's clock: a retry-after is exact to it. */
  readonly quantum: bigint
  readonly fresh: S
  /** Whether the state lies in the future. */
  isFuture(state: S, now: bigint): boolean
  advance(state: S, now: bigint): S
  /** When nothing is used any more; 0 of a fresh state. Also of a state of any other time. */
  recoversAt(state: S): bigint
  /** When it was spent from; of a bucket, which does not keep that, when it was last brought forward and written. */
  spentAt(state: S): bigint
  /** 0 when `cost`, which is at most the capacity, passes; else how long until it does. */
  wait(state: S, now: bigint, cost: bigint): bigint
  spend(state: S, now: bigint, cost: bigint): S
  /** Units used, rounded up. */
  used(state: S): bigint
  /** What a receipt of the spend just made says of it. */
  standing(state: S): Pick<Standing, 'stood' | 'since'>
  refund(state: S, now: bigint, cost: bigint, standing: Standing): GivenBack<S>
  credit(state: S, cost: bigint): GivenBack<S>
  /** The state of a new rate after `used` units of a rate that is no longer in force; absent where that begins fresh. */
  carry?(used: bigint, now: bigint): S
}

export const STATE_LIMIT: bigint = 2n ** 52n
export const CAPACITY_LIMIT: bigint = 2n ** 51n
export const QUANTA: readonly bigint[] = [1n, 1000n, 1_000_000n]

export function ceilDiv(a: bigint, b: bigint): bigint {
  return a <= 0n ? -(-a / b) : (a + b - 1n) / b
}

export function least(...numbers: readonly bigint[]): bigint {
  return numbers.reduce((a, b) => (a < b ? a : b))
}

export function most(...numbers: readonly bigint[]): bigint {
  return numbers.reduce((a, b) => (a > b ? a : b))
}

export function sum(numbers: readonly bigint[]): bigint {
  return numbers.reduce((total, number) => total + number, 0n)
}

/** Units of a spend on a window that can still be its own: a credit that came later may have taken them. */
export function unitsLeft({ stood, returned, credited }: Standing): bigint {
  return credited === 0n ? STATE_LIMIT : most(0n, stood - returned)
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
