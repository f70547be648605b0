import { median } from './median.ts'
import type { Processes } from './processes.ts'
import { SubjectError } from './spawn.ts'
import { type Case, type Effort, isMoreBetter, type Params, type Run, type Unit } from './suite.ts'

/** How a comparison is made. */
export interface Plan {
  readonly rounds: number
  readonly effort: Effort
  /** Those of all cases that are compared in one go. */
  readonly processes: Processes
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
  /** Ours divided by theirs, in the unit of the case. */
  readonly ratio: number
  /** The same turned so that above 1 is better for us. */
  readonly gain: number
}

/** A case of which one side could not run. */
export interface Missing {
  readonly case: Case
  readonly error: SubjectError
}

/** Runs both sides in turn, a fresh process each, and compares their medians. */
export async function compare(one: Case, plan: Plan): Promise<Outcome | Missing> {
  try {
    return outcome(one, await measure([one.ours, ...one.theirs], roundsOf(one, plan), plan))
  } catch (error) {
    if (error instanceof SubjectError) return { case: one, error }
    throw error
  }
}

function roundsOf({ brief = false }: Case, { rounds }: Plan): number {
  return brief ? Math.ceil(rounds / 3) : rounds
}

async function measure(runs: readonly Run[], rounds: number, plan: Plan): Promise<Figures[]> {
  const values = runs.map((): number[] => [])
  const order = [...runs.entries()]
  const { processes, onRun } = plan
  const params = { ...plan.effort, ...plan.params }
  for (let round = 1; round <= rounds; round++) {
    for (const [i, run] of order) {
      values[i]?.push(await processes.figure(run, { round, params, onRun }))
    }
    // A machine that grows slower or faster meanwhile is so to all sides.
    order.reverse()
  }
  return runs.map(({ label }, i) => ({ label, values: values[i] ?? [], median: median(values[i] ?? []) }))
}

function outcome(one: Case, [ours, ...others]: readonly Figures[]): Outcome {
  const theirs = best(others, one.unit)
  if (ours === undefined || theirs === undefined) throw new Error(`case ${one.name} compares nothing`)
  // Both may be nothing at all.
  const ratio = ours.median === theirs.median ? 1 : ours.median / theirs.median
  return { case: one, ours, theirs, ratio, gain: isMoreBetter(one.unit) ? ratio : 1 / ratio }
}

function best(all: readonly Figures[], unit: Unit): Figures | undefined {
  const sorted = all.toSorted((a, b) => a.median - b.median)
  return isMoreBetter(unit) ? sorted.at(-1) : sorted[0]
}
