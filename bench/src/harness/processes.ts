import { type Printed, runOnce } from './spawn.ts'
import type { Params, Run } from './suite.ts'

/** Which process, and what all of them are told. */
interface Turn {
  readonly round: number
  readonly params: Params
  /** Called before a process starts. */
  readonly onRun: (label: string, round: number) => void
}

/** Runs subjects; those that print several figures once a round, whichever of them are read. */
export class Processes {
  readonly #printed = new Map<string, Promise<Printed>>()

  /** What the process of a run printed in this round. */
  run(run: Run, { round, params, onRun }: Turn): Promise<Printed> {
    const start = (): Promise<Printed> => {
      onRun(run.label, round)
      return runOnce(run, params)
    }
    if (run.reading === undefined) return start()
    const id = JSON.stringify([{ ...run, reading: null }, params, round])
    const printed = this.#printed.get(id) ?? start()
    this.#printed.set(id, printed)
    return printed
  }
}
