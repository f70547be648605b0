import type { Decision } from '../core/decision.ts'
import { HeadgateError } from '../core/errors.ts'
import { distinctWarnings } from '../core/warn.ts'
import { compileLog } from './decision-log.ts'
import { isPromiseLike } from './maybe-promise.ts'
import type { DecisionContext, RequestPart } from './rate-limit-options.ts'

/** Calls the callbacks of the options that hear of a decision. */
export type Observe<R> = (decision: Decision, context: DecisionContext<R>) => void

/** Compiles the log, `onDecision`, `onLimited` and `onShadowDenied` into one function; null where there is none of them. */
export function compileObservers<R>(
  options: Pick<RequestPart<R>, 'onDecision' | 'onLimited' | 'onShadowDenied' | 'logLevel' | 'logger'>,
): Observe<R> | null {
  const { onDecision, onLimited, onShadowDenied } = options
  const log = compileLog(options)
  if ([log, onDecision, onLimited, onShadowDenied].every((one) => one === undefined || one === null))
    return null
  return (decision, context) => {
    if (log !== null) call(() => log(decision))
    if (onDecision !== undefined) call(() => onDecision(decision, context))
    if (onLimited !== undefined && !decision.allowed) call(() => onLimited(decision, context))
    if (onShadowDenied === undefined || decision.shadow.every(({ allowed }) => allowed)) return
    call(() => onShadowDenied(decision, context))
  }
}

/** Calls a function of the user that hears of what has happened: its failure is told, and changes nothing. */
export function call(callback: () => unknown): void {
  try {
    const result = callback()
    if (isPromiseLike(result)) result.then(undefined, report)
  } catch (reason) {
    report(reason)
  }
}

const warnOf = distinctWarnings('HEADGATE_LISTENER')

function report(reason: unknown): void {
  const { message } = HeadgateError.from(reason)
  warnOf(`A callback of a rate limit failed: ${message}; catch its errors, the decision stands`)
}
