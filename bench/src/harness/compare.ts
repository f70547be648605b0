import { median } from './median.ts'
import type { Processes } from './processes.ts'
import { figureIn, type Printed, SubjectError } from './spawn.ts'
import {
  type Case,
  type Effort,
  isMoreBetter,
  type Params,
  type Run,
  type Unit,
  type Usage,
} from './suite.ts'

/** How a comparison is made. */
export interface Plan {
  readonly rounds: number
  readonly effort: Effort
  /** Those of all cases that are compared in one go. */
  readonly processes: Pick<Processes, 'run'>
  /** Reach every subject. */
  readonly params: Params
  /** Among them those that are measured together. */
  readonly cases: readonly Case[]
  /** Hears of every process before it starts. */
  readonly onRun: (label: string, round: number) => void
}

/** Figures of one run, over the rounds. */
export interface Figures {
  readonly label: string
  readonly values: readonly number[]
  readonly median: number
  /** Medians as well, where the subject says it. */
  readonly usage: Usage | null
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
    return outcome(one, await measure(one, plan))
  } catch (error) {
    if (error instanceof SubjectError) return { case: one, error }
    throw error
  }
}

function roundsOf({ brief = false }: Case, { rounds }: Plan): number {
  return brief ? Math.ceil(rounds / 3) : rounds
}

async function measure(one: Case, plan: Plan): Promise<Figures[]> {
  const runs = [one.ours, ...one.theirs]
  const printed = runs.map((): Printed[] => [])
  const order = [...runs, ...runsBeside(one, plan)]
  const { processes, onRun } = plan
  const params = { ...plan.effort, ...plan.params }
  for (let round = 1; round <= roundsOf(one, plan); round++) {
    for (const run of order) {
      const running = processes.run(run, { round, params, onRun })
      const own = printed[runs.indexOf(run)]
      // What became of others is told by their own cases.
      if (own === undefined) await running.catch(() => {})
      else own.push(await running)
    }
    // A machine that grows slower or faster meanwhile is so to all sides.
    order.reverse()
  }
  return runs.map((run, i) => figuresOf(run, printed[i] ?? []))
}

/** Those of the other cases that are measured together with this one. */
function runsBeside({ together, ours, theirs }: Case, { cases }: Plan): Run[] {
  if (together === undefined) return []
  const others = cases.filter((other) => other.together === together)
  return others
    .flatMap((other) => [other.ours, ...other.theirs])
    .filter((run) => ![ours, ...theirs].includes(run))
}

function figuresOf(run: Run, printed: readonly Printed[]): Figures {
  const values = printed.map((one) => figureIn(one, run))
  const usages = printed.flatMap(({ usage }) => usage ?? [])
  const usage: Usage = {
    serverMicros: median(usages.map(({ serverMicros }) => serverMicros)),
    askerShare: median(usages.map(({ askerShare }) => askerShare)),
  }
  return { label: run.label, values, median: median(values), usage: usages.length > 0 ? usage : null }
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
