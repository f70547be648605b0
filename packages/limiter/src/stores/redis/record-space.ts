import { getOrAdd } from '../../core/get-or-add.ts'

type ByPrefix = Map<string, object>

const byClient = new WeakMap<object, ByPrefix>()
const byUrl = new Map<string, ByPrefix>()

/** One object for all stores that have their records in one place: by the same client or URL, under the same prefix. */
export function recordSpace(connection: object | string, prefix: string): object {
  const spaces =
    typeof connection === 'string'
      ? getOrAdd(byUrl, connection, newSpaces)
      : getOrAdd(byClient, connection, newSpaces)
  return getOrAdd(spaces, prefix, () => ({}))
}

function newSpaces(): ByPrefix {
  return new Map()
}
