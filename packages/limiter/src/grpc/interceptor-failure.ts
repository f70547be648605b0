import type { HeadgateError } from '../core/errors.ts'
import { distinctWarnings } from '../core/warn.ts'

const warn = distinctWarnings('HEADGATE_INTERCEPTOR')

/** Tells why a call could not be decided: a listener, else by a warning of the process. Never throws. */
export function tellFailure<C>(
  onFailure: ((error: HeadgateError, call: C) => unknown) | undefined,
  error: HeadgateError,
  call: C,
): void {
  if (onFailure === undefined) {
    warn(sentence(error))
    return
  }
  try {
    onFailure(error, call)
  } catch {
    warn('The function given as onFailure of an interceptor throws; let it return')
  }
}

/** Not what a function threw says: that may name somebody, or have a secret. */
function sentence({ detail, cause, path }: HeadgateError): string {
  const thrown = cause instanceof Error ? cause.name : 'a value that is no error'
  const what = cause === undefined ? `${path}: ${detail}` : `${thrown} was thrown`
  return `A call of gRPC could not be limited, and ended with INTERNAL: ${what}; give onFailure to hear of each`
}
