/** Checks the patterns of one attribute of a match; a mistake is an `invalid-options` error at `path`. */

import { compileNetwork } from '../core/address.ts'
import { wrong } from '../core/errors.ts'
import { normalizePath } from '../core/path.ts'
import { segmentsOf } from './path-pattern.ts'

/** Checks that there are values, all of them texts or whole numbers, and returns them as texts. */
export function checkValues(given: unknown, path: string): string[] {
  const values: readonly unknown[] = [given].flat()
  const isValid = (value: unknown): boolean =>
    (typeof value === 'string' && value !== '') || Number.isSafeInteger(value)
  if (values.length > 0 && values.every(isValid)) return values.map(String)
  throw wrongValue(values.length === 0 ? given : values.find((value) => !isValid(value)), path)
}

/** Checks addresses and networks. */
export function checkNetworks(given: unknown, path: string): string[] {
  const networks: readonly unknown[] = [given].flat()
  if (networks.length === 0) throw wrongValue(given, path)
  for (const network of networks) compileNetwork(network, path)
  return networks as string[]
}

/** Checks path patterns and normalises them. */
export function compilePaths(given: unknown, path: string): string[] {
  return checkValues(given, path).map((pattern) => compilePath(pattern, path))
}

function wrongValue(value: unknown, path: string): Error {
  return wrong(value, 'cannot be matched; use a text, a whole number, or a list of them', path)
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'CONNECT', 'TRACE']

/** Methods are case-sensitive (RFC 9110, section 9.1), so that `post` would match no request. */
export function checkMethod(method: string, path: string): void {
  const upper = method.toUpperCase()
  if (method === upper || !METHODS.includes(upper)) return
  throw wrong(method, `matches no request, since methods are upper case; write ${upper}`, path)
}

/** Checks a path pattern and normalises it like a path, so that `/caf%65` matches the path `/cafe`. */
function compilePath(pattern: string, path: string): string {
  const segments = segmentsOf(pattern)
  const placeholder = segments.find((segment) => /^(:.+|\{.+\}|<.+>|\[.+\])$/.test(segment))
  if (placeholder !== undefined) {
    throw wrong(
      pattern,
      `is not a path pattern; write * for ${placeholder}, ** for any number of segments`,
      path,
    )
  }
  const normal = segments.map((segment) =>
    segment.startsWith('*') ? segment : normalizePath(`/${segment}`).slice(1),
  )
  // A normalised path has no dot segment and no query, and a star is a whole segment: such a pattern would never match.
  const isInvalid =
    normal.includes('') || segments.some((segment) => segment.includes('*') && !/^\*\*?$/.test(segment))
  if (pattern.startsWith('/') && !/[?#]/.test(pattern) && !isInvalid) return `/${normal.join('/')}`
  const fix = 'begin with a slash; * is one whole segment, ** any number of them'
  throw wrong(pattern, `is not a path pattern; ${fix}`, path)
}
