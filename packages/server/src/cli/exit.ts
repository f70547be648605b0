import { describeFailure } from '../service/describe-failure.ts'

/** Message and exit code for what ended a command: 2 for a mistake in what was given, else 1. */
export function endOf(reason: unknown): { message: string; code: number } {
  const { http, error } = describeFailure(reason)
  return { message: error.message, code: http < 500 ? 2 : 1 }
}
