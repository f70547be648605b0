/** What introduces special forms of keys; a plain one that begins with it has it twice. */
const ESCAPE = '~'

export const EVERYBODY = `${ESCAPE}g`
/** An address in place of a key that is missing. */
export const BY_ADDRESS = `${ESCAPE}i`

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

/** A key of one attribute as its value: one that begins as special forms do has that twice. */
export function plainKey(key: string): string {
  return key.startsWith(ESCAPE + ESCAPE) ? key.slice(ESCAPE.length) : key
}

/** Attributes of a key as people read them: `ip=192.0.2.1 user=ann`, and `everybody` where there are none. */
export function keyWords(attributes: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(attributes).map(([name, value]) => `${name}=${value}`)
  return pairs.join(' ') || 'everybody'
}
