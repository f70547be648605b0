/** Keys as the service shows them: whom they are about, and the attributes that make them. */
import { briefText, visibleText } from './visible-text.ts'

/** Whom a key is about. */
export type ReadKey =
  /** The values of the attributes of its policy, in their order. */
  | { readonly kind: 'values'; readonly values: readonly string[] }
  | { readonly kind: 'everybody' }
  /** Of a request that had not the attribute: its address. */
  | { readonly kind: 'address'; readonly address: string }
  /** Hashed by the service: the same text for the same key, and no way back. */
  | { readonly kind: 'hashed'; readonly mark: string }
  /** Shown by 12 digits alone, as it may be a secret. */
  | { readonly kind: 'hidden'; readonly mark: string }
  /** Long, of which the beginning is told, and digits that tell it from others; null where there are none. */
  | { readonly kind: 'cut'; readonly values: readonly string[]; readonly mark: string | null }
  /** None of its policy as that is now. */
  | { readonly kind: 'partial'; readonly text: string }

/** The key of a budget that all share. */
export const EVERYBODY = '~g'
const ESCAPE = '~'
/** In place of a value that may be a secret. */
const HIDDEN = /^…([0-9a-f]{12})$/
/** What is behind a key that was cut: the service cuts none after fewer characters. */
const CUT = /^(.{64,})…([0-9a-f]{12})?$/su

/** Reads a key of a policy whose key has `count` attributes. */
export function readKey(key: string, count: number): ReadKey {
  if (key === EVERYBODY) return { kind: 'everybody' }
  if (key.startsWith('~h')) return { kind: 'hashed', mark: key.slice(2) }
  if (key.startsWith('~i')) return { kind: 'address', address: key.slice(2) }
  const [, beginning, behind = null] = CUT.exec(key) ?? []
  if (beginning !== undefined)
    return { kind: 'cut', values: valuesOf(beginning, count) ?? [beginning], mark: behind }
  const values = valuesOf(key, count)
  const [mark] = (values ?? [key]).flatMap((value) => HIDDEN.exec(value)?.[1] ?? [])
  if (mark !== undefined) return { kind: 'hidden', mark }
  return values?.length === count ? { kind: 'values', values } : { kind: 'partial', text: key }
}

/** Who that is, in words. */
export function keyText(key: ReadKey): string {
  switch (key.kind) {
    case 'values':
      return key.values.map(visibleText).join(' · ')
    case 'everybody':
      return 'everybody'
    case 'address':
      return `address ${key.address}`
    case 'hashed':
      return `hashed key ${key.mark.slice(0, 12)}`
    case 'hidden':
      return `hidden key ${key.mark}`
    case 'cut':
      return `${briefText(key.values.map(visibleText).join(' · '))}… (cut${key.mark === null ? '' : `, ${key.mark}`})`
    case 'partial':
      return visibleText(key.text)
  }
}

/** As `keyText`, for a list, where one may not push all others away. */
export function briefKeyText(key: ReadKey): string {
  // That of a key that was cut is brief already, and ends with what tells it from others.
  return key.kind === 'cut' ? keyText(key) : briefText(keyText(key))
}

function valuesOf(key: string, count: number): string[] | null {
  return count === 1 ? [key.startsWith('~~') ? key.slice(1) : key] : splitValues(key)
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
