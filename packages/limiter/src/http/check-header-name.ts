import { wrong } from '../core/errors.ts'

/** A token (RFC 9110, section 5.6.2), as names of header fields and of cookies are. */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/

/** The name of a header field in lower case; anything else is an `invalid-options` error at `path`. */
export function checkHeaderName(name: unknown, path: string): string {
  if (isToken(name)) return name.toLowerCase()
  throw wrong(name, 'is no name of a header field; use one such as x-api-key', path)
}

/** Whether a value can be the name of a header field or of a cookie. */
export function isToken(name: unknown): name is string {
  return typeof name === 'string' && TOKEN.test(name)
}
