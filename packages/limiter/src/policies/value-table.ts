import { getOrAdd } from '../core/get-or-add.ts'
import type { RequestAttributes } from './request-attributes.ts'
import { NOTHING, type Table } from './table.ts'

/**
 * Values of one attribute, where `*` stands for any text, also an empty one. Values without a star are looked up; the others
 * by the text before their first star or behind their last one. Only those that begin and end with a star are tried one by one.
 */
export class ValueTable<T> implements Table<T> {
  readonly #attribute: string
  readonly #exact = new Map<string, T[]>()
  readonly #byStart = new AffixTable<Glob<T>>((text, length) => text.slice(0, length))
  readonly #byEnd = new AffixTable<Glob<T>>((text, length) => text.slice(text.length - length))
  readonly #others: Glob<T>[] = []
  #hasGlobs = false

  constructor(attribute: string) {
    this.#attribute = attribute
  }

  add(pattern: string, item: T): void {
    const pieces = pattern.split('*')
    const [first = ''] = pieces
    const last = pieces.at(-1) ?? ''
    const glob = { pieces, item }
    this.#hasGlobs ||= pieces.length > 1
    if (pieces.length === 1) getOrAdd(this.#exact, pattern, () => [] as T[]).push(item)
    else if (first.length >= last.length && first !== '') this.#byStart.add(first, glob)
    else if (last !== '') this.#byEnd.add(last, glob)
    else this.#others.push(glob)
  }

  find(request: RequestAttributes): readonly T[] {
    const text = request.text(this.#attribute)
    if (text === undefined) return NOTHING
    const exact = this.#exact.get(text)
    if (!this.#hasGlobs) return exact ?? NOTHING
    const globs = this.#others.length === 0 ? [] : [...this.#others]
    this.#byStart.collect(text, globs)
    this.#byEnd.collect(text, globs)
    if (globs.length === 0) return exact ?? NOTHING
    const fitting = globs.filter(({ pieces }) => fits(pieces, text)).map(({ item }) => item)
    return exact === undefined ? fitting : [...exact, ...fitting]
  }
}

interface Glob<T> {
  /** The texts between its stars. */
  readonly pieces: readonly string[]
  readonly item: T
}

/** Items by the beginning, or by the end, of a text: one look-up for each length that occurs. */
class AffixTable<T> {
  readonly #cut: (text: string, length: number) => string
  readonly #byLength = new Map<number, Map<string, T[]>>()

  constructor(cut: (text: string, length: number) => string) {
    this.#cut = cut
  }

  add(affix: string, item: T): void {
    const ofLength = getOrAdd(this.#byLength, affix.length, () => new Map<string, T[]>())
    getOrAdd(ofLength, affix, () => [] as T[]).push(item)
  }

  collect(text: string, into: T[]): void {
    for (const [length, ofLength] of this.#byLength) {
      const items = length <= text.length ? ofLength.get(this.#cut(text, length)) : undefined
      for (const item of items ?? NOTHING) into.push(item)
    }
  }
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
