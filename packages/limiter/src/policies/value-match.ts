import { wrong } from '../core/errors.ts'

/** The accepted values of one attribute. */
export interface ValueMatch {
  /** Values without a star: they can be looked up. */
  readonly exact: ReadonlySet<string>
  /** The others, as the texts between their stars. */
  readonly globs: readonly (readonly string[])[]
}

/**
 * Compiles the values of one attribute: texts and whole numbers, where `*` stands for any text, also an empty one. `*` alone
 * asks only that the attribute is present. A mistake is an `invalid-options` error at `path`.
 */
export function compileValues(given: unknown, path: string): ValueMatch {
  const values = checkValues(given, path)
  return {
    exact: new Set(values.filter((value) => !value.includes('*'))),
    globs: values.filter((value) => value.includes('*')).map((value) => value.split('*')),
  }
}

/** Whether a value is accepted; an absent one never is. */
export function accepts({ exact, globs }: ValueMatch, value: string | undefined): boolean {
  if (value === undefined) return false
  return exact.has(value) || globs.some((pieces) => fits(pieces, value))
}

/** Checks that there are values, all of them texts or whole numbers, and returns them as texts. */
export function checkValues(given: unknown, path: string): string[] {
  const values: readonly unknown[] = [given].flat()
  const isValid = (value: unknown): boolean =>
    (typeof value === 'string' && value !== '') || Number.isSafeInteger(value)
  if (values.length > 0 && values.every(isValid)) return values.map(String)
  const invalid = values.length === 0 ? given : values.find((value) => !isValid(value))
  throw wrong(invalid, 'cannot be matched; use a text, a whole number, or a list of them', path)
}

/** Takes each piece at its first place behind the one before, so that no value takes longer than one pass for each piece. */
function fits(pieces: readonly string[], value: string): boolean {
  const first = pieces[0] ?? ''
  const last = pieces.at(-1) ?? ''
  if (!value.startsWith(first)) return false
  let from = first.length
  for (const piece of pieces.slice(1, -1)) {
    const at = value.indexOf(piece, from)
    if (at < 0) return false
    from = at + piece.length
  }
  return value.length - last.length >= from && value.endsWith(last)
}
