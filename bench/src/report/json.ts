import type { Outcome } from '../harness/compare.ts'

/** One line of `--json`. */
export function jsonLine(suite: string, { case: { name, unit }, ours, theirs, ratio }: Outcome): string {
  return JSON.stringify({
    suite,
    case: name,
    unit,
    ours: rounded(ours.median),
    against: theirs.label,
    theirs: rounded(theirs.median),
    ratio: rounded(ratio),
  })
}

/** Four digits that mean something, or all of a larger number before its point. */
function rounded(value: number): number {
  return Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(4))
}
