import type { Decision } from '../core/decision.ts'
import type { ErrorCode } from '../core/errors.ts'
import type { Reservation } from '../core/limiter.ts'
import type { HeaderFields } from '../core/policy-answer.ts'
import type { Exchange } from './exchange.ts'
import type { MaybePromise } from './maybe-promise.ts'

/** What one limiter, or one script, says of a request. */
export interface Judgement {
  readonly decision: Decision
  /** Whose budget it is, for a header field that tells clients apart; undefined where none does, or where it is not one budget. */
  readonly key: string | undefined
  /** Header fields of its own, in place of those that the decision tells; null for none. */
  readonly fields: HeaderFields | null
  /** What a script replied beside them. */
  readonly extra: readonly unknown[]
  /** The spend, where it is settled after the response. */
  readonly reservation: Reservation | null
}

/** Says why nobody can tell whose budget a request spends: it is answered with 400, or 503 where that cannot be found out now. */
export class Refusal {
  readonly detail: string
  readonly code: ErrorCode

  constructor(detail: string, code: ErrorCode = 'invalid-request') {
    this.detail = detail
    this.code = code
  }
}

/** Whose address nobody knows cannot be counted, and must not share the budget of the proxy that sent it. */
export const UNKNOWN_CLIENT: Refusal = new Refusal('The address of the client is unknown')

/** What judges requests: a limiter, or a script. */
export interface Judge<R> {
  judge(exchange: Exchange<R>): MaybePromise<Judgement | Refusal>
  /** Gives back what an allowed request has spent. */
  undo(judgement: Judgement): Promise<unknown>
}

/** The results of what is no script. */
export const NO_EXTRA: readonly unknown[] = Object.freeze([])
