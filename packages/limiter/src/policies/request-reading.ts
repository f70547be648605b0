import { type Attributes, attributesOf, type Who } from '../core/key.ts'
import { compileConditions } from './condition.ts'
import { RequestAttributes } from './request-attributes.ts'

/** One request as policies read it: all spellings of an address, or of a path, are one text. Methods throw `invalid-key` for what no policy takes. */
export interface RequestReading {
  /** An attribute as `match` sees it; undefined where it is absent or empty. */
  text(name: string): string | undefined
  /** The same as `key` sees it: an `ip` of IPv6 by its first 56 bits. */
  keyText(name: string): string | undefined
}

/** Reads a request as policies do, without asking any. */
export function readRequest(who: Who): RequestReading {
  return new RequestAttributes(attributesOf(who))
}

/**
 * A function that says which of these patterns of one attribute a request fits, as `match`, `overrides` and lists compare them:
 * their places in the list. A mistake in a pattern is an `invalid-options` error. Not for `descriptor` as a whole.
 *
 * `compilePatterns('ip', ['10.0.0.0/8', '*'])({ ip: '10.1.2.3' })` is `[0, 1]`.
 */
export function compilePatterns(
  attribute: string,
  patterns: readonly string[],
): (attributes: Attributes) => readonly number[] {
  const compiled = patterns.map((pattern) => compileConditions(attribute, pattern, attribute))
  const places = new Map<string, number[]>()
  for (const [place, conditions] of compiled.entries()) {
    for (const { patterns: normal } of conditions) {
      for (const one of normal) places.set(one, [...(places.get(one) ?? []), place])
    }
  }
  // A star asks only that there is an address, and stands apart from networks.
  const kinds = [patterns.filter(isStar), patterns.filter((one) => !isStar(one))]
  const tables = kinds.flatMap((some) =>
    some.length === 0
      ? []
      : compileConditions(attribute, attribute === 'ip' && isStar(some[0]) ? '*' : some, attribute),
  )
  return (attributes) => {
    const request = new RequestAttributes(attributes)
    const fitting = new Set(tables.flatMap((condition) => condition.fitting(request)))
    return [...fitting].flatMap((pattern) => places.get(pattern) ?? []).sort((a, b) => a - b)
  }
}

function isStar(pattern: string | undefined): boolean {
  return pattern === '*'
}
