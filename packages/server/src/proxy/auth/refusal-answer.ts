import type { OwnAnswer } from '../answers/own-answer.ts'
import { problemAnswer } from '../answers/problem-answer.ts'
import { outcomeOf, REFUSALS, type Refusal } from './refusal.ts'

/** What a client is answered that is not let in: the reason, a line for each way to authenticate, and when to come again. */
export function refusalAnswer(refusal: Refusal): OwnAnswer {
  const { status, why, challenges, retryAfterSeconds } = refusal
  const fields = ['cache-control', 'no-store']
  for (const challenge of challenges) fields.push('www-authenticate', challenge)
  if (retryAfterSeconds !== null) fields.push('retry-after', String(retryAfterSeconds))
  return problemAnswer(outcomeOf(refusal), REFUSALS[why], { status, fields })
}
