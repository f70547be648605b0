import type { Missing, Outcome } from '../harness/compare.ts'

/** All gains of a comparison with a commit, the smallest first, and what could not be compared. */
export function summary(results: readonly (Outcome | Missing)[], commit: string): string {
  const gains = results.filter((one) => 'gain' in one).toSorted((a, b) => a.gain - b.gain)
  const failed = results.filter((one) => 'error' in one)
  return [
    `beside ${commit}, whatever the unit: 1.00 is the same, above 1 is better, below 1 is worse`,
    ...gains.map(({ gain, case: { name } }) => `  ${gain.toFixed(2).padStart(6)}  ${name}`),
    ...(failed.length > 0 ? ['not compared:'] : []),
    ...failed.map(({ case: { name }, error }) => `  ${name}: ${error.run.label}: ${error.message}`),
  ].join('\n')
}
