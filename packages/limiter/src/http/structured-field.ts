/** Parses structured fields (RFC 9651) as far as rate limit fields need them: no inner lists, which none of them has. */

/** A value without its parameters; bytes of a Byte Sequence stay in base64. */
export type BareItem =
  | { readonly type: 'integer' | 'decimal' | 'date'; readonly value: number }
  | { readonly type: 'string' | 'token' | 'bytes' | 'display'; readonly value: string }
  | { readonly type: 'boolean'; readonly value: boolean }

/** A value with its parameters; where one of them is given twice, the last counts. */
export interface FieldItem {
  readonly bare: BareItem
  readonly params: ReadonlyMap<string, BareItem>
}

const TRUE: BareItem = { type: 'boolean', value: true }
const KEY = /[a-z*][a-z0-9_.*-]*/y
const NUMBER = /-?(?:\d{1,12}\.\d{1,3}|\d{1,15})(?![\d.])/y
const STRING = /"((?:[ !#-[\]-~]|\\["\\])*)"/y
const TOKEN = /[A-Za-z*][\w!#$%&'*+.^`|~:/-]*/y
const BYTES = /:([A-Za-z0-9+/]*={0,2}):/y
const BOOLEAN = /\?([01])/y
const DATE = /@(-?\d{1,15})(?![\d.])/y
const DISPLAY = /%"((?:[ !#$&-~]|%[0-9a-f]{2})*)"/y
const SPACES = / */y
const BLANKS = /[ \t]*/y

/** Most members that are read of one field: no response needs more, and callers may compare each with each. */
export const MEMBERS_MAX = 100

/**
 * The members of a List, {@link MEMBERS_MAX} at most; null where the text is malformed as far as it is read, inner lists
 * included. An empty text is an empty list.
 */
export function parseList(text: string): readonly FieldItem[] | null {
  const items: FieldItem[] = []
  const isWhole = parseMembers(new Scanner(text), (scanner) => {
    const item = parseItem(scanner)
    if (item !== null) items.push(item)
    return item !== null
  })
  return isWhole ? items : null
}

/** The members of a Dictionary by key, as many and as far as of a List. */
export function parseDictionary(text: string): ReadonlyMap<string, FieldItem> | null {
  const members = new Map<string, FieldItem>()
  const isWhole = parseMembers(new Scanner(text), (scanner) => {
    const key = scanner.take(KEY)
    if (key === null) return false
    const item = scanner.skip('=') ? parseItem(scanner) : { bare: TRUE, params: parseParams(scanner) }
    if (item?.params == null) return false
    members.set(key, { bare: item.bare, params: item.params })
    return true
  })
  return isWhole ? members : null
}

/** Goes through a text, never back. */
class Scanner {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  get isAtEnd(): boolean {
    return this.#at === this.#text.length
  }

  /** The group of what matches here, or all of it; null where nothing does. `pattern` is sticky. */
  take(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#text)
    if (match === null) return null
    this.#at = pattern.lastIndex
    return match[1] ?? match[0]
  }

  skip(character: string): boolean {
    const isNext = this.#text[this.#at] === character
    if (isNext) this.#at++
    return isNext
  }
}

function parseMembers(scanner: Scanner, parseMember: (scanner: Scanner) => boolean): boolean {
  scanner.take(SPACES)
  if (scanner.isAtEnd) return true
  for (let left = MEMBERS_MAX; left > 0; left--) {
    scanner.take(BLANKS)
    if (!parseMember(scanner)) return false
    scanner.take(BLANKS)
    if (!scanner.skip(',')) return scanner.isAtEnd
  }
  return true
}

function parseItem(scanner: Scanner): FieldItem | null {
  const bare = parseBareItem(scanner)
  const params = bare === null ? null : parseParams(scanner)
  return bare === null || params === null ? null : { bare, params }
}

function parseParams(scanner: Scanner): ReadonlyMap<string, BareItem> | null {
  const params = new Map<string, BareItem>()
  while (scanner.skip(';')) {
    scanner.take(SPACES)
    const key = scanner.take(KEY)
    const value = key !== null && scanner.skip('=') ? parseBareItem(scanner) : TRUE
    if (key === null || value === null) return null
    params.set(key, value)
  }
  return params
}

function parseBareItem(scanner: Scanner): BareItem | null {
  const number = scanner.take(NUMBER)
  if (number !== null) return { type: number.includes('.') ? 'decimal' : 'integer', value: Number(number) }
  const string = scanner.take(STRING)
  if (string !== null) return { type: 'string', value: string.replaceAll(/\\(.)/g, '$1') }
  const token = scanner.take(TOKEN)
  if (token !== null) return { type: 'token', value: token }
  const bytes = scanner.take(BYTES)
  if (bytes !== null) return { type: 'bytes', value: bytes }
  const boolean = scanner.take(BOOLEAN)
  if (boolean !== null) return { type: 'boolean', value: boolean === '1' }
  const date = scanner.take(DATE)
  if (date !== null) return { type: 'date', value: Number(date) }
  const display = scanner.take(DISPLAY)
  return display === null ? null : { type: 'display', value: display }
}
