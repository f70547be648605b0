import { HeadgateError } from 'headgate'
import { formatPath, type Mistake, type Path } from './config-error.ts'

/** What the library has to say against `checked`, by names that the paths of its errors begin with; null where nothing. */
export function libraryMistake(check: () => unknown, checked: object): Mistake | null {
  try {
    check()
    return null
  } catch (reason) {
    if (!HeadgateError.is(reason)) throw reason
    return { path: findPath(reason.path, checked), message: reason.detail }
  }
}

/**
 * The steps of a path that the library spells, `rules.a.b.limit`: a key may hold a dot, so it is compared with the keys
 * that are there. What nothing is found for is one step at the end, such as the limit of a rule written as a text.
 */
export function findPath(spelled: string, root: unknown): Path {
  let path: Path = []
  let value = root
  for (;;) {
    const [next] = stepsOf(value)
      .map((step) => [...path, step])
      .filter((candidate) => isWithin(spelled, formatPath(candidate)))
      .sort((a, b) => formatPath(b).length - formatPath(a).length)
    if (next === undefined) break
    value = (value as Record<string | number, unknown>)[next.at(-1) as string | number]
    path = next
  }
  const rest = spelled.slice(formatPath(path).length).replace(/^\./, '')
  return rest === '' ? path : [...path, rest]
}

function stepsOf(value: unknown): readonly (string | number)[] {
  if (Array.isArray(value)) return value.map((_, i) => i)
  return typeof value === 'object' && value !== null ? Object.keys(value) : []
}

function isWithin(spelled: string, outer: string): boolean {
  return spelled === outer || spelled.startsWith(`${outer}.`) || spelled.startsWith(`${outer}[`)
}
