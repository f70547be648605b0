/** What introduces special forms of keys; a plain one that begins with it has it twice. */
export const ESCAPE = '~'

/** The attributes that a key was made of, as the library encodes them; null where it is not of so many. */
export function splitKey(key: string, count: number): string[] | null {
  if (count === 1) return [key]
  const parts: string[] = []
  let from = ESCAPE.length
  while (from < key.length) {
    const colon = key.indexOf(':', from)
    const length = Number(key.slice(from, colon))
    if (colon < 0 || !Number.isSafeInteger(length)) return null
    parts.push(key.slice(colon + 1, colon + 1 + length))
    from = colon + 1 + length
  }
  return key.startsWith(ESCAPE) && parts.length === count ? parts : null
}

/** The inverse. */
export function joinKey(parts: readonly string[]): string {
  const [first = ''] = parts
  return parts.length === 1 ? first : ESCAPE + parts.map((part) => `${part.length}:${part}`).join('')
}
