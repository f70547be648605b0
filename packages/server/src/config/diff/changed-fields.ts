import { isDeepStrictEqual } from 'node:util'

/** A field that is another in two values: how it was and is, undefined where it is not there. */
export interface ChangedField {
  readonly path: readonly string[]
  readonly before: unknown
  readonly after: unknown
}

/** The fields that differ, of maps within maps each by itself; a list is one field. */
export function changedFields(before: unknown, after: unknown, path: readonly string[] = []): ChangedField[] {
  if (isDeepStrictEqual(before, after)) return []
  if (!isMap(before) || !isMap(after)) return [{ path, before, after }]
  const keys = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...keys].flatMap((key) => changedFields(before[key], after[key], [...path, key]))
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
