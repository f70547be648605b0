import { httpProblem, PROBLEM_JSON } from 'headgate/http'
import { OUTCOMES, type Outcome } from '../proxy-outcome.ts'
import type { OwnAnswer } from './own-answer.ts'

/** What an answer has beside its outcome and its sentence. */
export interface ProblemOptions {
  /** @default the usual status of the outcome */
  readonly status?: number
  /**
   * In flat pairs, names in lower case.
   * @default none
   */
  readonly fields?: readonly string[]
  /**
   * Whether the connection ends with it.
   * @default false
   */
  readonly closes?: boolean
}

/** An answer of the proxy as a problem document (RFC 9457); the sentence never repeats what the client sent. */
export function problemAnswer(
  outcome: Outcome,
  detail: string,
  { status = OUTCOMES[outcome].status, fields = [], closes = false }: ProblemOptions = {},
): OwnAnswer {
  return {
    outcome,
    status,
    fields: ['content-type', PROBLEM_JSON, ...fields],
    // In place of the codes of the library, which know nothing of proxies.
    body: JSON.stringify({ ...httpProblem(status, detail), code: outcome }),
    closes,
  }
}
