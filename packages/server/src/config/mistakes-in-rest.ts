import { checkTyped } from './check-typed.ts'
import type { Mistake, Path } from './config-error.ts'
import type { FileShape } from './schema/file-shape.ts'
import type { MergedDocument } from './source/merge-documents.ts'

type FileDocument = Pick<MergedDocument, 'value' | 'substitutions'>

/**
 * Where names and types are wrong in a part of a file, what `check` has against the rest, so that all is told at once.
 * Left out are fields that are wrong, or else the policies and the keys of the file that hold them.
 */
export function mistakesInRest(
  document: FileDocument,
  wrong: readonly Mistake[],
  check: (shape: FileShape) => Mistake[],
): Mistake[] {
  const fields = wrong.map(({ path }) => path.slice(0, path[0] === 'policies' ? 3 : 2))
  const first = without(document, fields)
  const checked = checkTyped(first.document)
  if ('shape' in checked) return first.found(check(checked.shape))
  const second = without(document, [
    ...fields,
    ...first.found(checked.mistakes).map(({ path }) => holderOf(path)),
  ])
  const again = checkTyped(second.document)
  return 'shape' in again ? second.found(check(again.shape)) : []
}

function holderOf(path: Path): Path {
  return path.slice(0, path[0] === 'policies' ? 2 : 1)
}

/** A document without what stands at some paths, and mistakes in it by the paths that they have in the whole. */
function without(document: FileDocument, left: readonly Path[]) {
  const isLeft = (path: Path): boolean => left.some((one) => one.every((step, i) => step === path[i]))
  const { policies, ...others } = document.value as Readonly<Record<string, unknown>>
  const list: readonly unknown[] = Array.isArray(policies) ? policies : []
  const positions = list.map((_, i) => i).filter((i) => !isLeft(['policies', i]))
  const kept = (value: unknown, path: Path): unknown => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    return Object.fromEntries(Object.entries(value).filter(([key]) => !isLeft([...path, key])))
  }
  const tops = Object.entries(others).filter(([key]) => !isLeft([key]))
  const value = {
    ...Object.fromEntries(tops.map(([key, one]) => [key, kept(one, [key])])),
    policies: positions.map((i) => kept(list[i], ['policies', i])),
  }
  const substitutions = document.substitutions.flatMap((one) => {
    const [key, position, ...rest] = one.path
    if (isLeft(one.path)) return []
    return key === 'policies'
      ? [{ ...one, path: [key, positions.indexOf(position as number), ...rest] }]
      : [one]
  })
  const found = (mistakes: readonly Mistake[]): Mistake[] =>
    mistakes.flatMap((mistake) => {
      const [key, position, ...rest] = mistake.path
      // No store is known where the stores are what is wrong.
      if (rest[0] === 'store' && isLeft(['stores'])) return []
      if (key !== 'policies' || typeof position !== 'number') return [mistake]
      return [{ ...mistake, path: [key, positions[position] as number, ...rest] }]
    })
  return { document: { value, substitutions }, found }
}
