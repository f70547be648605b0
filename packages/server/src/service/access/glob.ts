/** Makes a test for names by patterns, in which `*` is any text, also none, and everything else is itself. */
export function compileGlobs(patterns: readonly string[]): (name: string) => boolean {
  const texts = patterns.map((pattern) => pattern.split(/\*+/))
  return (name) => texts.some((parts) => fits(parts, name))
}

/** Leftmost first, which finds a way where there is one: no pattern makes this slow. */
function fits([first = '', ...rest]: readonly string[], name: string): boolean {
  const last = rest.pop()
  if (last === undefined) return name === first
  if (!name.startsWith(first)) return false
  let at = first.length
  for (const part of rest) {
    const found = name.indexOf(part, at)
    if (found === -1) return false
    at = found + part.length
  }
  return name.length - at >= last.length && name.endsWith(last)
}
