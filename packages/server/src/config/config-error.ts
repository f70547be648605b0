import { HeadgateError } from 'headgate'

/** Where a value stands in a configuration: keys of maps and positions of lists. */
export type Path = readonly (string | number)[]

/** One mistake in a configuration file. */
export interface Problem {
  /** As in `policies[0].rules[1].limit`; empty for the file as a whole. */
  readonly path: string
  readonly message: string
  /** Line and column, both from 1. */
  readonly line: number
  readonly column: number
}

const SHOWN_MAX = 20

/** Spells a path as `policies[0].rules[1].limit`. */
export function formatPath(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`
    return text === '' ? step : `${text}.${step}`
  }, '')
}

/** Reads such a spelling back; a key that holds a dot or a bracket comes out in pieces. */
export function parsePath(path: string): Path {
  const steps = path.matchAll(/\[(\d+)\]|[^.[\]]+/g)
  return Array.from(steps, ([text, index]) => (index === undefined ? text : Number(index)))
}

/** The `invalid-config` error of a file: one line a problem, `file:line:column path: message`. */
export function configError(file: string, problems: readonly Problem[]): HeadgateError {
  const lines = problems.slice(0, SHOWN_MAX).map(({ path, message, line, column }) => {
    const where = path === '' ? '' : ` ${path}:`
    return `${file}:${line}:${column}${where} ${message}`
  })
  const more = problems.length - lines.length
  if (more > 0) lines.push(`${file}: and ${more} more`)
  return new HeadgateError('invalid-config', lines.join('\n'))
}
