// A unit drains in 6 s and more: no key recovers during a run, so that all of its calls find state and change it.
const all = ['1000000/52w', '1000000/40w', '1000000/30w', '1000000/20w', '1000000/10w']

/** A rule as subjects are told it. */
export interface RuleParams {
  readonly name?: string
  readonly algorithm?: string
  readonly limit: string
  readonly burst?: number
}

/** No run spends so much. */
export const BURST = 30_000_000

/** Rates for that many rules. */
export function rates(rules: number): readonly string[] {
  return all.slice(0, rules)
}

/** That many buckets. */
export function buckets(rules: number): readonly RuleParams[] {
  return rates(rules).map((limit) => ({ algorithm: 'token-bucket', limit, burst: BURST }))
}
