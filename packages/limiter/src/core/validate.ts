import { invalid, show, wrong, wrongCost } from './errors.ts'

/** Whether a value is an object and not an array. */
export function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether a value is a safe integer of at least `min`. */
export function isWhole(value: unknown, min: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= min
}

/** Checks that a value is an object with no other fields than these; the error suggests a field for a typo. */
export const checkFields: NamesCheck = namesCheck('field')

/** As {@link checkFields}, of an object whose fields are named after the rules of a policy. */
export const checkRuleNames: NamesCheck = namesCheck('rule')

type NamesCheck = (value: unknown, allowed: readonly string[], path: string) => void

function namesCheck(what: string): NamesCheck {
  return (value, allowed, path) => {
    if (!isRecord(value)) throw wrong(value, `is not an object of ${allowed.join(', ')}`, path)
    for (const field of Object.keys(value)) {
      if (allowed.includes(field)) continue
      const fix = (field === 'window' && suggestRate(value, allowed)) || suggest(field, allowed)
      throw invalid(path, `unknown ${what} ${show(field)}${fix}`)
    }
  }
}

/** How to write `limit: 100, window: '1m'` as a rate, for the error; null where it is something else. */
function suggestRate(value: object, allowed: readonly string[]): string | null {
  const { limit, window } = value as { readonly limit?: unknown; readonly window?: unknown }
  const isText = typeof window === 'string'
  if (!allowed.includes('limit') || typeof limit !== 'number') return null
  if (!isText && typeof window !== 'number') return null
  const text = isText ? window : `${window}ms`
  return `; write limit: { limit: ${limit}, window: ${show(window)} } or ${show(`${limit}/${text}`)}`
}

/** ` (did you mean "limit"?)` when a known name is at most two edits away, else the list of known names. */
export function suggest(name: unknown, known: readonly string[]): string {
  for (const edits of typeof name === 'string' ? [0, 1, 2] : []) {
    const near = known.find((candidate) =>
      isWithinEdits(edits, comparable(name as string), comparable(candidate)),
    )
    if (near !== undefined) return ` (did you mean ${JSON.stringify(near)}?)`
  }
  return `; known are ${known.join(', ')}`
}

function comparable(name: string): string {
  return name.slice(0, 64).toLowerCase()
}

/** Whether two texts have an edit distance (Levenshtein) of at most `edits`. */
function isWithinEdits(edits: number, a: string, b: string): boolean {
  if (edits === 0 || a === b) return a === b
  if (a[0] === b[0]) return isWithinEdits(edits, a.slice(1), b.slice(1))
  return (
    [a.slice(1), a].some((rest) => isWithinEdits(edits - 1, rest, b.slice(1))) ||
    isWithinEdits(edits - 1, a.slice(1), b)
  )
}

/** Checks that a cost is a safe integer ≥ 0; anything else is an `invalid-cost` error. */
export function checkCost(cost: unknown): number {
  if (isWhole(cost, 0)) return cost
  throw wrongCost(cost, 'is not a cost; pass a whole number from 0 to 2^53 - 1')
}

/** Accepts signals of other realms (iframes, vm contexts), and null for no signal, as `fetch` does. */
export function checkSignal(signal: AbortSignal | null | undefined): void {
  if (signal === undefined || signal === null || typeof signal.throwIfAborted === 'function') return
  throw wrong(signal, 'is not an AbortSignal; pass the signal of an AbortController', 'options.signal')
}

/** Checks that a value is a list of 1 to `max` elements, which `what` names; else an error at `path` that says how many it has. */
export function checkList(
  given: unknown,
  { max, what }: { readonly max: number; readonly what: string },
  path: string,
): asserts given is readonly unknown[] {
  const problem = `is not a list of 1 to ${max} ${what}`
  if (!Array.isArray(given)) throw wrong(given, problem, path)
  if (given.length === 0 || given.length > max) throw invalid(path, `a list of ${given.length} ${problem}`)
}
