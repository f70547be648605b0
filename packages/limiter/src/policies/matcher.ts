import { wrong } from '../core/errors.ts'
import { type Attributes, attributeText } from '../core/key.ts'
import type { Match } from '../core/policy-options.ts'
import { isRecord } from '../core/validate.ts'
import { normalizePath, pathMatches, segmentsOf } from './path-pattern.ts'
import { accepts, checkValues, compileValues, type ValueMatch } from './value-match.ts'

/** A compiled `match`. */
export interface Matcher {
  /** Accepted values of every attribute but `path`; the policy index is built from them. */
  readonly valuesByAttribute: ReadonlyMap<string, ValueMatch>
  /** Path patterns as segments; empty where the path does not matter. */
  readonly paths: readonly (readonly string[])[]
  test(request: RequestAttributes): boolean
}

/** The attributes of one request; its path is normalised and split once, for all policies. */
export class RequestAttributes {
  readonly attributes: Attributes
  #segments: string[] | undefined

  constructor(attributes: Attributes) {
    this.attributes = attributes
  }

  /** Segments of the normalised path; none when there is no path. */
  get segments(): readonly string[] {
    this.#segments ??= segmentsOf(normalizePath(attributeText(this.attributes, 'path') ?? ''))
    return this.#segments
  }

  /** One attribute as text; undefined when it is absent or empty. */
  text(name: string): string | undefined {
    return attributeText(this.attributes, name)
  }
}

/** Compiles a match; a mistake is an `invalid-options` error at `path`. */
export function compileMatch(match: Match = {}, path: string): Matcher {
  const valuesByAttribute = new Map<string, ValueMatch>()
  const paths: string[][] = []
  if (!isRecord(match)) throw wrong(match, 'is not a match; write { attribute: value }', path)
  for (const [attribute, given] of Object.entries(match)) {
    const at = `${path}.${attribute}`
    if (attribute !== 'path') valuesByAttribute.set(attribute, compileValues(given, at))
    else paths.push(...checkValues(given, at).map((pattern) => compilePattern(pattern, at)))
  }
  return { valuesByAttribute, paths, test: (request) => test(valuesByAttribute, paths, request) }
}

function test(
  valuesByAttribute: Matcher['valuesByAttribute'],
  paths: Matcher['paths'],
  request: RequestAttributes,
): boolean {
  for (const [attribute, values] of valuesByAttribute) {
    if (!accepts(values, request.text(attribute))) return false
  }
  return (
    paths.length === 0 ||
    (request.text('path') !== undefined && paths.some((pattern) => pathMatches(pattern, request.segments)))
  )
}

function compilePattern(pattern: string, path: string): string[] {
  const segments = segmentsOf(pattern).map(normalizeSegment)
  // A normalised path has no dot segment and no query, and a star is a whole segment: such a pattern would never match.
  const hasInvalidSegment = segments.some(
    (segment) => segment === '' || (segment.includes('*') && !/^\*\*?$/.test(segment)),
  )
  if (pattern.startsWith('/') && !/[?#]/.test(pattern) && !hasInvalidSegment) return segments
  const fix = 'begin with a slash; * is one whole segment, ** any number of them'
  throw wrong(pattern, `is not a path pattern; ${fix}`, path)
}

/** Patterns are normalised like paths, so that the pattern `/caf%65` matches the path `/cafe`. */
function normalizeSegment(segment: string): string {
  return segment.startsWith('*') ? segment : normalizePath(segment).slice(1)
}
