import { HeadgateError } from 'headgate'

/** Where a value stands in a configuration: keys of maps and positions of lists; empty for the file as a whole. */
export type Path = readonly (string | number)[]

/** What is wrong in a configuration. */
export interface Mistake {
  readonly path: Path
  readonly message: string
}

/** A mistake, with where it stands: line and column, both from 1, of a file. */
export interface LocatedMistake extends Mistake {
  readonly file: string
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

/** Whether one path is the other, or leads to it. */
export function areNear(a: Path, b: Path): boolean {
  const [short, long] = a.length < b.length ? [a, b] : [b, a]
  return short.every((step, i) => step === long[i])
}

/** The `invalid-config` error of these mistakes, at least one: one line each, `file:line:column path: message`. */
export function configError(mistakes: readonly LocatedMistake[]): HeadgateError {
  const lines = mistakes.slice(0, SHOWN_MAX).map(({ path, message, file, line, column }) => {
    const where = path.length === 0 ? '' : ` ${formatPath(path)}:`
    return `${file}:${line}:${column}${where} ${message}`
  })
  const more = mistakes.length - lines.length
  if (more > 0) lines.push(`${mistakes[SHOWN_MAX]?.file}: and ${more} more`)
  const error = new HeadgateError('invalid-config', lines.join('\n'))
  made.set(error, mistakes)
  return error
}

/** The mistakes that an error was made of; none where it is about the file itself. */
export function mistakesOf(error: HeadgateError): readonly LocatedMistake[] {
  return made.get(error) ?? []
}
