import { getOrAdd } from '../core/get-or-add.ts'
import type { RequestAttributes } from './request-attributes.ts'
import { NOTHING, type Table } from './table.ts'

/** Keys that a descriptor may consist of: looked up. */
export class ShapeTable<T> implements Table<T> {
  readonly #items = new Map<string, T[]>()

  add(pattern: string, item: T): void {
    getOrAdd(this.#items, pattern, () => [] as T[]).push(item)
  }

  find({ descriptor: { shape } }: RequestAttributes): readonly T[] {
    return shape === undefined ? NOTHING : (this.#items.get(shape) ?? NOTHING)
  }
}
