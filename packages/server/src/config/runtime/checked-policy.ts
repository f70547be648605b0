import { HeadgateError } from 'headgate'
import { formatPath, type Mistake } from '../config-error.ts'
import { explain, flatten } from '../issues.ts'
import { type FilePolicy, policyShape } from '../schema/policy-shape.ts'
import { compose } from './compose.ts'
import type { RuntimeDocument } from './runtime-document.ts'
import type { FileConfiguration } from './runtime-terms.ts'

/** A policy as somebody gave it, checked as in a file: names and types. It may leave out its name, and not have another. */
export function checkedPolicy(name: string, given: unknown): FilePolicy {
  const isMap = typeof given === 'object' && given !== null && !Array.isArray(given)
  const named = isMap ? { name, ...given } : given
  const { data, error } = policyShape.safeParse(named, { error: (issue) => explain(issue) })
  if (error !== undefined) throw mistaken(error.issues.flatMap((issue) => flatten(issue)))
  if (data.name !== name) {
    throw mistaken([{ path: ['name'], message: `"${data.name}" is another name than "${name}" in the path` }])
  }
  return data
}

/** Throws where a policy is wrong, by itself or beside all others. */
export function checkChange(
  file: FileConfiguration,
  {
    held,
    next,
    name,
  }: { readonly held: RuntimeDocument; readonly next: RuntimeDocument; readonly name: string },
): void {
  const { mistakes } = compose(file, next)
  if (mistakes.length === 0) return
  const own = mistakes.filter(({ path }) => path[0] === name)
  if (own.length > 0) throw mistaken(own.map(({ path, message }) => ({ path: path.slice(1), message })))
  // What was wrong before stays wrong; what this change makes wrong is refused.
  const before = new Set(compose(file, held).mistakes.map(({ path }) => path[0]))
  const others = mistakes.filter(({ path }) => !before.has(path[0]))
  if (others.length > 0) throw mistaken(others)
}

function mistaken([first, ...others]: readonly Mistake[]): HeadgateError {
  const { path, message } = first as Mistake
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`
  return new HeadgateError('invalid-config', `${message}${more}`, { path: formatPath(path) })
}
