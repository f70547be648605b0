import {
  type Address,
  compileNetwork,
  formatAddress,
  isInNetwork,
  type Network,
  parseAddress,
} from '../core/address.ts'
import { wrong, wrongKey } from '../core/errors.ts'
import { type Attributes, attributeText } from '../core/key.ts'
import type { Match } from '../core/policy-options.ts'
import { isRecord } from '../core/validate.ts'
import { normalizePath, pathMatches, segmentsOf } from './path-pattern.ts'
import { accepts, checkValues, compileValues, type ValueMatch } from './value-match.ts'

/** A compiled `match`. */
export interface Matcher {
  /** Accepted values of every attribute but `path` and `ip`; the policy index is built from them. */
  readonly valuesByAttribute: ReadonlyMap<string, ValueMatch>
  /** Networks of which `ip` lies in one; null where the address does not matter. */
  readonly networks: readonly Network[] | null
  /** Path patterns as segments; empty where the path does not matter. */
  readonly paths: readonly (readonly string[])[]
  test(request: RequestAttributes): boolean
}

/** The attributes of one request; its path and address are read once, for all policies. */
export class RequestAttributes {
  readonly attributes: Attributes
  #segments: string[] | undefined
  #address: Address | null | undefined

  constructor(attributes: Attributes) {
    this.attributes = attributes
  }

  /** Segments of the normalised path; none when there is no path. */
  get segments(): readonly string[] {
    this.#segments ??= segmentsOf(normalizePath(attributeText(this.attributes, 'path') ?? ''))
    return this.#segments
  }

  /** The `ip`; null when it is absent. One that is no address is an error: nobody gets past a list by a spelling. */
  get address(): Address | null {
    this.#address ??= addressOf(attributeText(this.attributes, 'ip'))
    return this.#address
  }

  /** One attribute as text; undefined when it is absent or empty. All spellings of an address are one text. */
  text(name: string): string | undefined {
    if (name !== 'ip') return attributeText(this.attributes, name)
    const { address } = this
    return address === null ? undefined : formatAddress(address)
  }
}

/** Compiles a match; a mistake is an `invalid-options` error at `path`. */
export function compileMatch(match: Match = {}, path: string): Matcher {
  const valuesByAttribute = new Map<string, ValueMatch>()
  const paths: string[][] = []
  let networks: readonly Network[] | null = null
  if (!isRecord(match)) throw wrong(match, 'is not a match; write { attribute: value }', path)
  for (const [attribute, given] of Object.entries(match)) {
    const at = `${path}.${attribute}`
    if (attribute === 'ip' && given !== '*')
      networks = [given].flat().map((value) => compileNetwork(value, at))
    else if (attribute !== 'path') valuesByAttribute.set(attribute, compileValues(given, at))
    else paths.push(...checkValues(given, at).map((pattern) => compilePattern(pattern, at)))
  }
  const conditions = { valuesByAttribute, networks, paths }
  return { ...conditions, test: (request) => test(conditions, request) }
}

function test(
  { valuesByAttribute, networks, paths }: Omit<Matcher, 'test'>,
  request: RequestAttributes,
): boolean {
  if (networks !== null && !isInAny(networks, request.address)) return false
  for (const [attribute, values] of valuesByAttribute) {
    if (!accepts(values, request.text(attribute))) return false
  }
  return (
    paths.length === 0 ||
    (request.text('path') !== undefined && paths.some((pattern) => pathMatches(pattern, request.segments)))
  )
}

function isInAny(networks: readonly Network[], address: Address | null): boolean {
  return address !== null && networks.some((network) => isInNetwork(address, network))
}

function addressOf(text: string | undefined): Address | null {
  if (text === undefined) return null
  const address = parseAddress(text)
  if (address !== null) return address
  throw wrongKey(text, 'is not an address; pass an ip such as 192.0.2.1 or 2001:db8::1')
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
