import { figureIn, runOnce } from './spawn.ts'
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
  readonly #printed = new Map<string, ReturnType<typeof runOnce>>()

  async figure(run: Run, { round, params, onRun }: Turn): Promise<number> {
    const start = (): ReturnType<typeof runOnce> => {
      onRun(run.label, round)
      return runOnce(run, params)
    }
    if (run.reading === undefined) return figureIn(await start(), run)
    const id = JSON.stringify([{ ...run, reading: null }, params, round])
    const printed = this.#printed.get(id) ?? start()
    this.#printed.set(id, printed)
    return figureIn(await printed, run)
  }
}
