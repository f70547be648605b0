import { HeadgateError } from 'headgate'

/** Where a value stands in a configuration: keys of maps and positions of lists; empty for the file as a whole. */
export type Path = readonly (string | number)[]

/** What is wrong in a configuration. */
export interface Mistake {
  readonly path: Path
  readonly message: string
}

/** A mistake, with where it stands in the text: line and column, both from 1. */
export interface LocatedMistake extends Mistake {
  readonly line: number
  readonly column: number
}

const SHOWN_MAX = 20
const made = new WeakMap<HeadgateError, readonly LocatedMistake[]>()

/** Spells a path as `policies[0].rules[1].limit`. */
export function formatPath(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`
    return text === '' ? step : `${text}.${step}`
  }, '')
}

/** The `invalid-config` error of a file: one line a mistake, `file:line:column path: message`. */
export function configError(file: string, mistakes: readonly LocatedMistake[]): HeadgateError {
  const lines = mistakes.slice(0, SHOWN_MAX).map(({ path, message, line, column }) => {
    const where = path.length === 0 ? '' : ` ${formatPath(path)}:`
    return `${file}:${line}:${column}${where} ${message}`
  })
  const more = mistakes.length - lines.length
  if (more > 0) lines.push(`${file}: and ${more} more`)
  const error = new HeadgateError('invalid-config', lines.join('\n'))
  made.set(error, mistakes)
  return error
}

/** The mistakes that an error was made of; none where it is about the file itself. */
export function mistakesOf(error: HeadgateError): readonly LocatedMistake[] {
  return made.get(error) ?? []
}
