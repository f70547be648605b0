import { isDeepStrictEqual } from 'node:util'
import type { Mistake, Path } from './config-error.ts'
import { checkShape } from './schema/file-shape.ts'
import type { MergedDocument } from './source/merge-documents.ts'

/**
 * Checks names and types. What a variable brings is a text: it is a number, or true or false, where only that is right and
 * the variable stands alone.
 */
export function checkTyped({
  value,
  substitutions,
}: Pick<MergedDocument, 'value' | 'substitutions'>): ReturnType<typeof checkShape> {
  const checked = checkShape(value)
  if ('shape' in checked) return checked
  const meant = substitutions.flatMap(({ path, text, isWhole }) => {
    const typed = isWhole && isAt(path, checked.mistakes) ? typedValue(text) : undefined
    return typed === undefined ? [] : [{ path, typed }]
  })
  if (meant.length === 0) return checked
  const copy = structuredClone(value)
  for (const { path, typed } of meant) put(copy, path, typed)
  return checkShape(copy)
}

function isAt(path: Path, mistakes: readonly Mistake[]): boolean {
  return mistakes.some((mistake) => isDeepStrictEqual(mistake.path, path))
}

function typedValue(text: string): number | boolean | undefined {
  if (text === 'true' || text === 'false') return text === 'true'
  return /^-?\d/.test(text) && String(Number(text)) === text ? Number(text) : undefined
}

function put(root: unknown, path: Path, value: unknown): void {
  const last = path.at(-1)
  const parent = path.slice(0, -1).reduce<unknown>((node, step) => (node as Path)[step as number], root)
  ;(parent as Record<string | number, unknown>)[last as string | number] = value
}
