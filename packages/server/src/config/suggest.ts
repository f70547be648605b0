/** ` (did you mean "limit"?)` when a known name is at most two edits away, else the list of known names. */
export function suggest(name: string, known: readonly string[]): string {
  const [near] = known
    .map((candidate) => ({ candidate, edits: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits)
  if (near !== undefined && near.edits <= 2) return ` (did you mean ${JSON.stringify(near.candidate)}?)`
  return `; known are ${known.join(', ')}`
}

/** Levenshtein distance, one row at a time; names are cut at 64 characters. */
function editDistance(a: string, b: string): number {
  const [from, to] = [a.slice(0, 64), b.slice(0, 64)]
  let row = Array.from({ length: to.length + 1 }, (_, i) => i)
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1)
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, substitution))
    }
    row = next
  }
  return row[to.length] ?? 0
}

/** The sentence about a name that does not belong: `unknown rule "limt" (did you mean "limit"?)`. */
export function unknownName(what: string, name: string, known: readonly string[]): string {
  return `unknown ${what} ${show(name)}${suggest(name, known)}`
}

/** A short picture of a wrong value for a message: quoted, cut at 60 characters. */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'a map'
  return String(value)
}
