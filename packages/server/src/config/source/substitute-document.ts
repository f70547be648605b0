import { type Document, visit } from 'yaml'
import type { Mistake, Path } from '../config-error.ts'
import type { Variable } from './config-source.ts'
import { substitute } from './substitute.ts'
import { pathOf } from './yaml-path.ts'

/** A text of a document that had variables in it. */
export interface Substitution {
  readonly path: Path
  /** As the file has it. */
  readonly written: string
  /** As it is in force. */
  readonly text: string
  /** Values of variables that are in it now, by name. */
  readonly used: ReadonlyMap<string, string>
  /** Whether it was one variable and nothing else, whose value may be meant as a number. */
  readonly isWhole: boolean
}

/** What a document has of variables, and what is wrong with them. */
export interface Substitutions {
  readonly substitutions: readonly Substitution[]
  readonly mistakes: readonly Mistake[]
}

/** A file with thousands of variables, each a large one, would fill the memory. */
const SIZE_MAX = 1_048_576

/** Replaces variables in the texts of a document, which is parsed already: no value becomes structure. Keys have none. */
export function substituteDocument(
  document: Document.Parsed,
  variables: ReadonlyMap<string, Variable>,
): Substitutions {
  const substitutions: Substitution[] = []
  const mistakes: Mistake[] = []
  let size = 0
  visit(document, {
    Scalar: (key, node, ancestors) => {
      if (key === 'key' || typeof node.value !== 'string' || !node.value.includes('$')) return undefined
      const path = pathOf(ancestors, node)
      const written = node.value
      const { text, used, isWhole, problems } = substitute(written, variables)
      mistakes.push(...problems.map((message) => ({ path, message })))
      size += text.length
      if (size > SIZE_MAX) {
        mistakes.push({ path, message: 'the values of variables are larger than 1 MiB together' })
        return visit.BREAK
      }
      node.value = text
      substitutions.push({ path, written, text, used, isWhole })
      return undefined
    },
  })
  return { substitutions, mistakes }
}
