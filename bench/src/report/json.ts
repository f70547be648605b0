import type { Missing, Outcome } from '../harness/compare.ts'
import type { Usage } from '../harness/suite.ts'

/** One line of `--json`. */
export function jsonLine(
  suite: string,
  { case: { name, unit }, ours, theirs, ratio, gain }: Outcome,
): string {
  return JSON.stringify({
    suite,
    case: name,
    unit,
    ours: rounded(ours.median),
    against: theirs.label,
    theirs: rounded(theirs.median),
    ratio: rounded(ratio),
    gain: rounded(gain),
    rounds: { ours: ours.values.map(rounded), theirs: theirs.values.map(rounded) },
    ...(ours.usage &&
      theirs.usage && { usage: { ours: usageOf(ours.usage), theirs: usageOf(theirs.usage) } }),
  })
}

/** The same of a case that could not be compared. */
export function missingLine(suite: string, { case: { name, unit }, error }: Missing): string {
  return JSON.stringify({ suite, case: name, unit, notCompared: error.run.label, why: error.message })
}

function usageOf({ serverMicros, askerShare }: Usage): Usage {
  return { serverMicros: rounded(serverMicros), askerShare: rounded(askerShare) }
}

/** Four digits that mean something, or all of a larger number before its point. */
function rounded(value: number): number {
  return Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(4))
}
