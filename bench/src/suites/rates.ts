// A unit drains in 6 s and more: no key recovers during a run, so that all of its calls find state and change it.
const all = ['1000000/52w', '1000000/40w', '1000000/30w', '1000000/20w', '1000000/10w']

/** Rates for that many rules. */
export function rates(rules: number): readonly string[] {
  return all.slice(0, rules)
}
