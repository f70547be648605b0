import { median } from './median.ts'
import { runOnce } from './spawn.ts'
import type { Case, Effort, Params, Run, Unit } from './suite.ts'

/** How a comparison is made. */
export interface Plan {
  readonly rounds: number
  readonly effort: Effort
  /** Reach every subject. */
  readonly params: Params
  /** Hears of every process before it starts. */
  readonly onRun: (label: string, round: number) => void
}

/** Figures of one run, over the rounds. */
export interface Figures {
  readonly label: string
  readonly values: readonly number[]
  readonly median: number
}

/** What came out of a case. */
export interface Outcome {
  readonly case: Case
  readonly ours: Figures
  readonly theirs: Figures
  readonly ratio: number
}

/** Runs both sides in turn, a fresh process each, and compares their medians. */
export async function compare(one: Case, plan: Plan): Promise<Outcome> {
  const runs = [one.ours, ...one.theirs]
  const values = runs.map((): number[] => [])
  const rounds = one.brief ? Math.ceil(plan.rounds / 3) : plan.rounds
  for (let round = 1; round <= rounds; round++) {
    for (const [i, run] of runs.entries()) {
      plan.onRun(run.label, round)
      values[i]?.push(await runOnce(run, { ...plan.effort, ...plan.params }))
    }
  }
  const [ours, ...others] = runs.map((run, i) => figures(run, values[i] ?? []))
  const theirs = best(others, one.unit)
  if (ours === undefined || theirs === undefined) throw new Error(`case ${one.name} compares nothing`)
  return { case: one, ours, theirs, ratio: ours.median / theirs.median }
}

function figures({ label }: Run, values: readonly number[]): Figures {
  return { label, values, median: median(values) }
}

function best(all: readonly Figures[], unit: Unit): Figures | undefined {
  const sorted = all.toSorted((a, b) => a.median - b.median)
  return unit === 'ops/s' ? sorted.at(-1) : sorted[0]
}
