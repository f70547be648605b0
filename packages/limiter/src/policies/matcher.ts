import { wrong } from '../core/errors.ts'
import { type Attributes, attributeText } from '../core/key.ts'
import type { Match } from '../core/policy-options.ts'
import { isRecord } from '../core/validate.ts'
import { normalizePath, pathMatches, segmentsOf } from './path.ts'

/** A compiled match. */
export interface Matcher {
  /** Values by attribute, paths apart; the index of policies is built on them. */
  readonly valuesByAttribute: ReadonlyMap<string, ReadonlySet<string>>
  readonly paths: readonly (readonly string[])[]
  test(request: Request): boolean
}

/** Attributes of one request, its path split once for all policies. */
export class Request {
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

  text(name: string): string | undefined {
    return attributeText(this.attributes, name)
  }
}

/** Compiles a match; a mistake is an `invalid-options` error at `path`. */
export function compileMatch(match: Match = {}, path: string): Matcher {
  const valuesByAttribute = new Map<string, ReadonlySet<string>>()
  const paths: string[][] = []
  if (!isRecord(match)) throw wrong(match, 'is not a match; write { attribute: value }', path)
  for (const [attribute, given] of Object.entries(match)) {
    const values = textsOf(given, `${path}.${attribute}`)
    if (attribute !== 'path') valuesByAttribute.set(attribute, new Set(values))
    else paths.push(...values.map((pattern) => patternOf(pattern, `${path}.path`)))
  }
  return { valuesByAttribute, paths, test: (request) => test(valuesByAttribute, paths, request) }
}

function test(
  valuesByAttribute: Matcher['valuesByAttribute'],
  paths: Matcher['paths'],
  request: Request,
): boolean {
  for (const [attribute, values] of valuesByAttribute) {
    const value = request.text(attribute)
    if (value === undefined || !values.has(value)) return false
  }
  return (
    paths.length === 0 ||
    (request.text('path') !== undefined && paths.some((p) => pathMatches(p, request.segments)))
  )
}

function textsOf(given: Match[string], path: string): string[] {
  const values: readonly unknown[] = [given].flat()
  const valid = (value: unknown): boolean =>
    (typeof value === 'string' && value !== '') || Number.isSafeInteger(value)
  if (values.length > 0 && values.every(valid)) return values.map(String)
  const odd = values.length === 0 ? given : values.find((value) => !valid(value))
  const fix = 'use a text, a whole number, or a list of them'
  throw wrong(odd, `cannot be matched; ${fix}`, path)
}

function patternOf(pattern: string, path: string): string[] {
  const segments = segmentsOf(pattern).map(normalSegment)
  // What a normalised path never has would never match: half a star, a dot segment, a query.
  const odd = segments.some(
    (segment) => segment === '' || (segment.includes('*') && !/^\*\*?$/.test(segment)),
  )
  if (pattern.startsWith('/') && !/[?#]/.test(pattern) && !odd) return segments
  const fix = 'begin with a slash; * is one whole segment, ** any number of them'
  throw wrong(pattern, `is not a path pattern; ${fix}`, path)
}

/** A pattern is normalised like the paths it meets, so that `/caf%65` and `/cafe` are one. */
function normalSegment(segment: string): string {
  return segment.startsWith('*') ? segment : normalizePath(segment).slice(1)
}
