/** Keys of entries whose values are no secrets of anybody: those that Envoy makes itself, and attributes that are shown. */
const SHOWN_ENTRIES: readonly string[] = [
  'path',
  'method',
  'host',
  'domain',
  'ip',
  'user',
  'role',
  'tenant',
  'generic_key',
  'header_match',
  'remote_address',
  'masked_remote_address',
  'source_cluster',
  'destination_cluster',
]

/** Whether the value of an entry of a descriptor may be shown. */
export function isShownEntry(key: string): boolean {
  return SHOWN_ENTRIES.includes(key)
}

/**
 * The entries of a descriptor as a key has them, `[["tenant","acme"]]`, with `hide` of each value that may be a secret. A list of
 * keys alone stays as it is; what is no list was made by a caller, and is hidden.
 */
export function shownEntries(text: string, hide: (value: string) => string): string {
  const entries = parse(text)
  if (entries === null) return hide(text)
  return JSON.stringify(
    entries.map((entry) => {
      if (!Array.isArray(entry)) return entry
      const [key, value] = entry
      return [key, isShownEntry(key) ? value : hide(value)]
    }),
  )
}

function parse(text: string): (string | [string, string])[] | null {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) && value.every(isEntry) ? value : null
  } catch {
    return null
  }
}

function isEntry(entry: unknown): boolean {
  if (typeof entry === 'string') return true
  return Array.isArray(entry) && entry.length === 2 && entry.every((part) => typeof part === 'string')
}
