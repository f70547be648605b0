import { compileNetwork } from '../core/address.ts'
import { wrong } from '../core/errors.ts'
import { NetworkTable } from './network-table.ts'
import { normalizePath, segmentsOf } from './path-pattern.ts'
import { PathTable } from './path-table.ts'
import type { RequestAttributes } from './request-attributes.ts'
import type { Table } from './table.ts'
import { ValueTable } from './value-table.ts'

/** How patterns of an attribute are compared: as networks, as paths, or as texts. */
type PatternKind = 'network' | 'path' | 'value'

/** One attribute of a match: it has to fit one of the patterns. */
export interface Condition {
  readonly attribute: string
  readonly kind: PatternKind
  /** Normalised; at least one. */
  readonly patterns: readonly string[]
  /** The patterns that a request fits. */
  fitting(request: RequestAttributes): readonly string[]
}

/** Compiles one attribute of a match; a mistake is an `invalid-options` error at `path`. */
export function compileCondition(attribute: string, given: unknown, path: string): Condition {
  const kind = kindOf(attribute, given)
  const patterns = patternsOf(attribute, kind, { given, path })
  const table = createTable<string>({ attribute, kind })
  for (const pattern of patterns) table.add(pattern, pattern)
  return { attribute, kind, patterns, fitting: (request) => table.find(request) }
}

/** An empty table for the patterns of such conditions. */
export function createTable<T>({ attribute, kind }: Pick<Condition, 'attribute' | 'kind'>): Table<T> {
  switch (kind) {
    case 'network':
      return new NetworkTable<T>()
    case 'path':
      return new PathTable<T>()
    case 'value':
      return new ValueTable<T>(attribute)
  }
}

function kindOf(attribute: string, given: unknown): PatternKind {
  if (attribute === 'path') return 'path'
  // A star asks only that there is an address.
  return attribute === 'ip' && given !== '*' ? 'network' : 'value'
}

interface Written {
  readonly given: unknown
  readonly path: string
}

function patternsOf(attribute: string, kind: PatternKind, { given, path }: Written): string[] {
  if (kind === 'network') {
    const networks: readonly unknown[] = [given].flat()
    if (networks.length === 0) throw wrongValue(given, path)
    for (const network of networks) compileNetwork(network, path)
    return networks as string[]
  }
  const values = checkValues(given, path)
  if (kind === 'path') return values.map((pattern) => compilePath(pattern, path))
  if (attribute === 'method') for (const method of values) checkMethod(method, path)
  return values
}

/** Checks that there are values, all of them texts or whole numbers, and returns them as texts. */
function checkValues(given: unknown, path: string): string[] {
  const values: readonly unknown[] = [given].flat()
  const isValid = (value: unknown): boolean =>
    (typeof value === 'string' && value !== '') || Number.isSafeInteger(value)
  if (values.length > 0 && values.every(isValid)) return values.map(String)
  throw wrongValue(values.length === 0 ? given : values.find((value) => !isValid(value)), path)
}

function wrongValue(value: unknown, path: string): Error {
  return wrong(value, 'cannot be matched; use a text, a whole number, or a list of them', path)
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'CONNECT', 'TRACE']

/** Methods are case-sensitive (RFC 9110, section 9.1), so that `post` would match no request. */
function checkMethod(method: string, path: string): void {
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
    segment.startsWith('*') ? segment : normalizePath(segment).slice(1),
  )
  // A normalised path has no dot segment and no query, and a star is a whole segment: such a pattern would never match.
  const isInvalid = normal.some(
    (segment) => segment === '' || (segment.includes('*') && !/^\*\*?$/.test(segment)),
  )
  if (pattern.startsWith('/') && !/[?#]/.test(pattern) && !isInvalid) return `/${normal.join('/')}`
  const fix = 'begin with a slash; * is one whole segment, ** any number of them'
  throw wrong(pattern, `is not a path pattern; ${fix}`, path)
}
