import { HeadgateError, show, wrongKey } from './errors.ts'
import { isRecord } from './validate.ts'

/** One entry of a descriptor. */
export interface DescriptorEntry {
  readonly key: string
  /** A text or a whole number; an empty one counts as absent. */
  readonly value: string | number
}

/**
 * Attributes of a request by name, such as `user`, `ip` and `path`; texts or whole numbers. Empty ones count as absent. The
 * attribute `descriptor` alone is a list of entries in order, as Envoy sends them; each of them is an attribute too, by the
 * name `descriptor.<key>`: of `[{ key: 'tenant', value: 'acme' }]` the attribute `descriptor.tenant` is `acme`.
 */
export type Attributes = {
  readonly [name: string]: string | number | readonly DescriptorEntry[] | undefined
}

/** Whose budget is spent: a plain key, which is the attribute `key`, or attributes from which policies build their keys. */
export type Who = string | Attributes

/** Longest attribute in UTF-16 units; longer ones are refused before any work is done on them. */
const KEY_LENGTH_MAX = 1_000_000

// `~` introduces every special form; a plain text that starts with it is escaped as `~~`.
const ESCAPE = '~'
const ESCAPE_CODE = 126

/** Name of the attribute that is a list of entries, and what the names of its entries begin with. */
export const DESCRIPTOR = 'descriptor'

const NO_ENTRIES: readonly DescriptorEntry[] = Object.freeze([])

/** The key of `key: global`: one budget for everybody. */
export const GLOBAL_KEY: string = `${ESCAPE}g`

/** What the form of hashed keys begins with, and no other. */
export const HASHED: string = `${ESCAPE}h`

/**
 * Encodes the parts of a key unambiguously (G11): a single text stands for itself, several have length prefixes, so that
 * `['a', 'bc']` becomes `~1:a2:bc`.
 */
export function encodeKey(parts: readonly string[]): string {
  const [first] = parts
  if (parts.length === 1 && first !== undefined) return escapeText(first)
  return ESCAPE + parts.map((part) => `${part.length}:${part}`).join('')
}

/** Checks and encodes a plain key. Small enough for V8 to inline into the hot path. */
export function encodeText(text: string): string {
  const isPlain = text.charCodeAt(0) !== ESCAPE_CODE && text.length > 0 && text.length <= KEY_LENGTH_MAX
  return isPlain ? text : escapeText(checkKey(text))
}

/** Encodes a key of one text that is already checked. */
export function escapeText(text: string): string {
  return text.charCodeAt(0) === ESCAPE_CODE ? ESCAPE + text : text
}

/** The key of a request that lacks an attribute of the policy's key: its client address, in a form no other key has. */
export function fallbackKey(ip: string): string {
  return `${ESCAPE}i${ip}`
}

/** Checks that a key is a text of 1 to 1,000,000 characters; anything else is an `invalid-key` error. */
export function checkKey(key: unknown): string {
  if (typeof key === 'string' && key.length > 0 && key.length <= KEY_LENGTH_MAX) return key
  throw invalidKey(key)
}

function invalidKey(key: unknown): HeadgateError {
  const what = typeof key === 'string' && key.length > 0 ? `a key of ${key.length} characters` : show(key)
  const fix = `pass a text of 1 to ${KEY_LENGTH_MAX} characters`
  return new HeadgateError('invalid-key', `${what} is not a key; ${fix}`)
}

/** One attribute as text; undefined when absent or empty. Objects, arrays and fractions are an `invalid-key` error. */
export function attributeText(attributes: Attributes, name: string): string | undefined {
  return textOfValue(Object.hasOwn(attributes, name) ? attributes[name] : undefined, name)
}

/** As {@link attributeText}, of a value that is known. */
export function textOfValue(value: unknown, name: string): string | undefined {
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value === 'string') return checkKey(value)
  if (Number.isSafeInteger(value)) return String(value)
  const message = `attribute ${name} is ${show(value)}; pass a text or a whole number`
  throw new HeadgateError('invalid-key', message)
}

/** Attributes of whoever a call is about; a plain key is the attribute `key`. */
export function attributesOf(who: unknown): Attributes {
  if (typeof who === 'string') return { key: checkKey(who) }
  if (isRecord(who)) return who as Attributes
  const fix = 'pass a text or { user: "…" }'
  throw wrongKey(who, `is neither a key nor attributes; ${fix}`)
}

/** The entries of the attribute `descriptor`; one that is no list of entries is an `invalid-key` error. */
export function entriesOf(attributes: Attributes): readonly DescriptorEntry[] {
  const given: unknown = Object.hasOwn(attributes, DESCRIPTOR) ? attributes[DESCRIPTOR] : undefined
  if (given === undefined || given === null) return NO_ENTRIES
  if (Array.isArray(given) && given.every(isEntry)) return given
  const wrong = Array.isArray(given) ? given.find((entry) => !isEntry(entry)) : given
  const fix = 'pass a list of entries, such as [{ key: "tenant", value: "acme" }]'
  throw new HeadgateError('invalid-key', `attribute ${DESCRIPTOR} has ${show(wrong)}; ${fix}`)
}

function isEntry(entry: unknown): entry is DescriptorEntry {
  if (!isRecord(entry)) return false
  const { key, value } = entry as Partial<DescriptorEntry>
  return typeof key === 'string' && key !== '' && (typeof value === 'string' || Number.isSafeInteger(value))
}
