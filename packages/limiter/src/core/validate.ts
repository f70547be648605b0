import { HeadgateError, invalid, show } from './errors.ts'

/** Refuses anything but a plain object with only these fields; suggests the nearest one for a typing error. */
export function checkFields(value: unknown, allowed: readonly string[], path: string): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(path, `${show(value)} is not an object of ${allowed.join(', ')}`)
  }
  for (const field of Object.keys(value)) {
    if (allowed.includes(field)) continue
    throw invalid(path, `unknown field ${show(field)}${suggest(field, allowed)}`)
  }
}

/** ` (did you mean "limit"?)` when a known name is at most two edits away, else the list of known names. */
export function suggest(name: string, known: readonly string[]): string {
  const near = known
    .map((candidate) => ({ candidate, distance: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)[0]
  if (near !== undefined && near.distance <= 2) return ` (did you mean ${JSON.stringify(near.candidate)}?)`
  return `; known are ${known.join(', ')}`
}

/** Levenshtein distance, one row at a time; inputs are cut at 64 characters. */
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

/** Refuses a cost that is not a safe integer ≥ 0, before any store is asked. */
export function checkCost(cost: unknown): number {
  if (typeof cost === 'number' && Number.isSafeInteger(cost) && cost >= 0) return cost
  throw new HeadgateError(
    'invalid-cost',
    `${show(cost)} is not a cost; pass a whole number from 0 to 2^53 - 1`,
  )
}
