import { describeFailure } from '../service/describe-failure.ts'

/** The exit code of a command: 2 for a mistake in what was given, else 1 where it ends by an error, which is told. */
export async function run(command: () => Promise<number>): Promise<number> {
  try {
    return await command()
  } catch (reason) {
    const { isCallers, error } = describeFailure(reason)
    console.error(error.message)
    return isCallers ? 2 : 1
  }
}
