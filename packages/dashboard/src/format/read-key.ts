/** Keys as the service shows them: whom they are about, and the attributes that make them. */

/** Whom a key is about. */
export type ReadKey =
  /** The values of the attributes of its policy, in their order. */
  | { readonly kind: 'values'; readonly values: readonly string[] }
  | { readonly kind: 'everybody' }
  /** Of a request that had not the attribute: its address. */
  | { readonly kind: 'address'; readonly address: string }
  /** Hashed by the service: the same text for the same key, and no way back. */
  | { readonly kind: 'hashed'; readonly mark: string }
  /** Shown by 12 digits alone, as it may be a secret; or cut, as it is long. */
  | { readonly kind: 'hidden'; readonly mark: string }

/** The key of a budget that all share. */
export const EVERYBODY = '~g'
const ESCAPE = '~'
const MARK = /…([0-9a-f]{12})?/

/** Reads a key of a policy whose key has `count` attributes. */
export function readKey(key: string, count: number): ReadKey {
  if (key === EVERYBODY) return { kind: 'everybody' }
  if (key.startsWith('~h')) return { kind: 'hashed', mark: key.slice(2) }
  if (key.startsWith('~i')) return { kind: 'address', address: key.slice(2) }
  const mark = MARK.exec(key)
  if (mark !== null) return { kind: 'hidden', mark: mark[1] ?? key }
  if (count === 1) return { kind: 'values', values: [key.startsWith('~~') ? key.slice(1) : key] }
  const values = splitValues(key)
  return values?.length === count ? { kind: 'values', values } : { kind: 'hidden', mark: key }
}

/** Who that is, in words. */
export function keyText(key: ReadKey): string {
  switch (key.kind) {
    case 'values':
      return key.values.join(' · ')
    case 'everybody':
      return 'everybody'
    case 'address':
      return `address ${key.address}`
    case 'hashed':
      return `hashed key ${key.mark.slice(0, 12)}`
    case 'hidden':
      return `hidden key ${key.mark.slice(0, 12)}`
  }
}

/** Of several attributes: `~5:alice7:1.2.3.4`; null where it is not that. */
function splitValues(key: string): string[] | null {
  if (!key.startsWith(ESCAPE)) return null
  const values: string[] = []
  let from = ESCAPE.length
  while (from < key.length) {
    const colon = key.indexOf(':', from)
    const length = Number(key.slice(from, colon))
    if (colon < 0 || !Number.isSafeInteger(length)) return null
    values.push(key.slice(colon + 1, colon + 1 + length))
    from = colon + 1 + length
  }
  return values
}
