import { describeFailure } from '../service/describe-failure.ts'

/** Exit codes of commands; `docs/reference/command-line.md` has the table. */
export const EXIT = {
  done: 0,
  /** The answer is no: denied, nobody reached, or two files that differ. */
  no: 1,
  /** It failed at run time. */
  failed: 1,
  /** A mistake in what was given. */
  usage: 2,
  /** Ours cannot say all that the files of others say. */
  unsaid: 3,
  /** A service that was asked gave no answer. */
  unanswered: 4,
} as const

/** An end of a command with an exit code of its own. */
export class CommandFailure extends Error {
  readonly exitCode: number

  constructor(exitCode: number, message: string, options?: ErrorOptions) {
    super(message, options)
    this.exitCode = exitCode
  }
}

/**
 * The exit code of a command: its own, 2 for a mistake in what was given, else 1 where it ends by an error, which is told.
 */
export async function run(
  command: () => Promise<number>,
  tell: (message: string) => void = console.error,
): Promise<number> {
  try {
    return await command()
  } catch (reason) {
    if (reason instanceof CommandFailure) {
      tell(reason.message)
      return reason.exitCode
    }
    const { isCallers, error } = describeFailure(reason)
    tell(error.message)
    return isCallers ? EXIT.usage : EXIT.failed
  }
}
