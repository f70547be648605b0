import type { Mistake, Path } from '../config-error.ts'
import { show } from '../unknown-name.ts'

/** Names of header fields and of methods (RFC 9110, section 5.6.2). */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/

/** What is wrong with names of header fields at `path`. */
export function fieldNameMistakes(names: readonly string[], path: Path): Mistake[] {
  return names.flatMap((name, i) => {
    return TOKEN.test(name) ? [] : [{ path: [...path, i], message: `${show(name)} is no name of a field` }]
  })
}

/** Names of fields as they are compared: each once, in lower case. */
export function fieldNames(names: readonly string[]): string[] {
  return [...new Set(names.map((name) => name.toLowerCase()))]
}
