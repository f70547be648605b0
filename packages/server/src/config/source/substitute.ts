import type { Variable } from './config-source.ts'

/** A text of the file whose variables have been replaced. */
export interface Substituted {
  readonly text: string
  /** Variables whose values are in it, by name. Defaults are none: they stand in the file. */
  readonly used: ReadonlyMap<string, string>
  /** Whether it was one `${…}` and nothing else. */
  readonly isWhole: boolean
  /** What is wrong with it; empty where nothing is. */
  readonly problems: readonly string[]
}

const PIECE = /\$\$|\$\{([^}]*)(\}?)/g
const INSIDE = /^([A-Za-z_][A-Za-z0-9_]*)(?::([-?])(.*))?$/s
const FORMS = 'write ${NAME}, ${NAME:-default} or ${NAME:?message}, and $${ where the text itself is meant'

/**
 * Replaces `${NAME}`, `${NAME:-default}` and `${NAME:?message}` in one text, and `$$` by `$`. With `:-` and `:?` a
 * variable that is empty counts as unset. A value is taken as it is: nothing in it is replaced.
 */
export function substitute(text: string, variables: ReadonlyMap<string, Variable>): Substituted {
  const used = new Map<string, string>()
  const problems: string[] = []
  const replaced = text.replaceAll(PIECE, (piece, inside: string | undefined, end: string | undefined) => {
    if (inside === undefined) return '$'
    const [, name, operator, rest = ''] = INSIDE.exec(inside) ?? []
    if (name === undefined || end === '' || rest.includes('${')) {
      problems.push(`${JSON.stringify(piece)} is not a variable; ${FORMS}`)
      return piece
    }
    const variable = variables.get(name)
    if (variable !== undefined && 'problem' in variable) problems.push(variable.problem)
    const value = variable !== undefined && 'value' in variable ? variable.value : undefined
    if (value !== undefined && (value !== '' || operator === undefined)) {
      used.set(name, value)
      return value
    }
    if (operator === '-') return rest
    if (variable === undefined || operator === '?') problems.push(unset(name, operator, rest))
    return piece
  })
  return { text: replaced, used, isWhole: /^\$\{[^}]*\}$/.test(text), problems }
}

/** The names of variables that a text may ask for. */
export function namesIn(text: string): Set<string> {
  return new Set(Array.from(text.matchAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)/g), ([, name = '']) => name))
}

function unset(name: string, operator: string | undefined, message: string): string {
  if (operator === '?' && message !== '') return `the variable ${name} is unset: ${message}`
  return `the variable ${name} is unset; set it, or write \${${name}:-default}`
}
