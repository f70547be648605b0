import { invalid, show } from '../core/errors.ts'

/** A list as a map by name; two elements of one name are an error at the path of the second. `what` is their plural. */
export function uniqueByName<T extends { readonly name: string }>(
  list: readonly T[],
  what: string,
  pathOf: (index: number) => string,
): Map<string, T> {
  const byName = new Map<string, T>()
  list.forEach((element, i) => {
    const { name } = element
    if (byName.has(name)) {
      throw invalid(pathOf(i), `two ${what} are named ${show(name)}; give each a name of its own`)
    }
    byName.set(name, element)
  })
  return byName
}
