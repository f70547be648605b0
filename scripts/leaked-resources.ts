/** What a process holds open in addition to what it held before. */

/** Lists the resources of `after` that `before` does not have, one entry per resource. */
export function leakedResources(before: readonly string[], after: readonly string[]): string[] {
  const known = new Map<string, number>()
  for (const name of before) known.set(name, (known.get(name) ?? 0) + 1)
  return after.filter((name) => {
    const left = known.get(name) ?? 0
    known.set(name, left - 1)
    return left <= 0
  })
}
