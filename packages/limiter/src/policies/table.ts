import type { RequestAttributes } from './request-attributes.ts'

/** Items by patterns of one attribute: finds those of all patterns that a request fits, without trying each pattern. */
export interface Table<T> {
  /** Adds an item under a pattern that was checked. */
  add(pattern: string, item: T): void
  /** The items of the patterns that the request fits; one that stands under several of them comes several times. */
  find(request: RequestAttributes): readonly T[]
}

/** What is found where nothing is: one array for all. */
export const NOTHING: readonly never[] = Object.freeze([])
