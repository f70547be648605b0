import { describeFailure } from '../service/describe-failure.ts'

/** Message and exit code for what ended a command: 2 for a mistake in what was given, else 1. */
export function endOf(reason: unknown): { message: string; code: number } {
  const { isCallers, error } = describeFailure(reason)
  return { message: error.message, code: isCallers ? 2 : 1 }
}
