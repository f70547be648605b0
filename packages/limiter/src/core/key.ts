import { HeadgateError, show } from './errors.ts'

/** What is known of a request: `user`, `ip`, `path`, … and any custom name; text or whole numbers. */
export type Attributes = { readonly [name: string]: string | number | undefined }

/** Whose budget is spent: a key as it is, or attributes from which policies build theirs. */
export type Who = string | Attributes

/** Longest identity in UTF-16 units; longer ones are refused before any work is done on them. */
const KEY_LENGTH_MAX = 1_000_000

// `~` introduces every special form; a plain identity that starts with it is escaped as `~~`.
const MARK = '~'
const MARK_CODE = 126

/** The key of `key: global`: one budget for everybody. */
export const GLOBAL_KEY: string = `${MARK}g`

/**
 * Encodes an identity so that no two of them share a key (G11): one text stands for itself, several are
 * length-prefixed.
 */
export function encodeKey(parts: readonly string[]): string {
  const [first] = parts
  if (parts.length === 1 && first !== undefined) return plainKey(first)
  return MARK + parts.map((part) => `${part.length}:${part}`).join('')
}

/** The key of a plain text, checked; small, since it is made for most decisions. */
export function keyOfText(text: string): string {
  const isPlain = text.charCodeAt(0) !== MARK_CODE && text.length > 0 && text.length <= KEY_LENGTH_MAX
  return isPlain ? text : plainKey(checkKey(text))
}

/** Encodes an identity of one text. */
export function plainKey(text: string): string {
  return text.charCodeAt(0) === MARK_CODE ? MARK + text : text
}

/** The key of a request that lacks the attribute a policy is keyed by: its client address, apart from all others. */
export function fallbackKey(ip: string): string {
  return `${MARK}i${ip}`
}

/** Refuses a key that is not a text with something in it. */
export function checkKey(key: unknown): string {
  if (typeof key === 'string' && key.length > 0 && key.length <= KEY_LENGTH_MAX) return key
  throw invalidKey(key)
}

function invalidKey(key: unknown): HeadgateError {
  const what = typeof key === 'string' && key.length > 0 ? `a key of ${key.length} characters` : show(key)
  const fix = `pass a text of 1 to ${KEY_LENGTH_MAX} characters`
  return new HeadgateError('invalid-key', `${what} is not a key; ${fix}`)
}

/** The text of one attribute; undefined when it is absent or empty. Objects, arrays and fractions are refused. */
export function attributeText(attributes: Attributes, name: string): string | undefined {
  const value: unknown = Object.hasOwn(attributes, name) ? attributes[name] : undefined
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value === 'string') return checkKey(value)
  if (Number.isSafeInteger(value)) return String(value)
  const message = `attribute ${name} is ${show(value)}; pass a text or a whole number`
  throw new HeadgateError('invalid-key', message)
}
