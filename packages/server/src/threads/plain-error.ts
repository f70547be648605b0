import { HeadgateError } from 'headgate'

/** An error as another thread takes it: a class does not survive the way. */
export interface PlainError {
  readonly code: HeadgateError['code']
  /** The message without the path. */
  readonly detail: string
  readonly path: string
  /** Where it was made, for the log. */
  readonly stack: string
}

/** Any thrown value, to be sent. */
export function plainError(reason: unknown): PlainError {
  const { code, detail, path, stack = '', cause } = HeadgateError.from(reason)
  return { code, detail, path, stack: cause instanceof Error && cause.stack ? cause.stack : stack }
}

/** The error that was sent. */
export function errorOf({ code, detail, path, stack }: PlainError): HeadgateError {
  const error = new HeadgateError(code, detail, path === '' ? {} : { path })
  if (stack !== '') error.stack = stack
  return error
}
