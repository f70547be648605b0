import { CONNECTION_FIELDS, SINGLE_FIELDS, SPOOFED_FIELDS, SPOOFED_PREFIXES } from './field-lists.ts'

/** What becomes of a header field: it is forwarded, dropped, or read by us in place of the upstream. */
export type FieldRole =
  | 'forwarded'
  | 'dropped'
  | 'connection'
  | 'content-length'
  | 'expect'
  | 'host'
  | 'transfer-encoding'
  | 'upgrade'
  | 'x-forwarded-for'
  | 'x-forwarded-proto'
  | 'x-request-id'

/** A field by its name. */
export interface KnownField {
  /** As a client spells it. */
  readonly spelling: string
  /** In lower case. */
  readonly name: string
  readonly role: FieldRole
  /** A bit of its own where it may be there once; else 0. */
  readonly once: number
}

/** Those that are read by us. */
const READ = [
  'connection',
  'content-length',
  'expect',
  'host',
  'transfer-encoding',
  'upgrade',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-request-id',
] as const satisfies readonly FieldRole[]

/** Most spellings of names that are remembered, and their longest: clients choose both. */
const REMEMBERED_MAX = 2000
const REMEMBERED_LENGTH_MAX = 64
/** Most lines of which it is remembered what stood there last. */
const LINES_MAX = 64

/** Which header fields of clients are whose. */
export interface SpecialFields {
  /** Fields that have a credential, in lower case: they may be there once. */
  readonly credentials: readonly string[]
  /** Fields of our own, in lower case: those of clients are dropped. */
  readonly own: readonly string[]
}

/** Knows of each header field what becomes of it. Of a map and not an object: `__proto__` is a name like any other. */
export class FieldRoles {
  readonly #special = new Map<string, Omit<KnownField, 'spelling'>>()
  readonly #bySpelling = new Map<string, KnownField>()
  readonly #byLine: KnownField[] = []

  constructor({ credentials, own }: SpecialFields) {
    const single: readonly string[] = [...new Set([...SINGLE_FIELDS, ...credentials])]
    const set = (name: string, role: FieldRole): void => {
      this.#special.set(name, { name, role, once: single.includes(name) ? 1 << single.indexOf(name) : 0 })
    }
    for (const name of [...CONNECTION_FIELDS, ...SPOOFED_FIELDS]) set(name, 'dropped')
    for (const name of ['authorization', 'content-type', ...credentials]) set(name, 'forwarded')
    for (const name of own) set(name, 'dropped')
    for (const name of READ) set(name, name)
  }

  /** What becomes of a field, by its name as a client spells it, and its line, from 0. */
  of(spelling: string, line: number): KnownField {
    // Requests of one program have the same names in the same order: to compare a text takes a fifth of looking it up.
    const last = this.#byLine[line]
    if (last !== undefined && last.spelling === spelling) return last
    const known = this.#bySpelling.get(spelling) ?? this.#learn(spelling)
    if (line < LINES_MAX && spelling.length <= REMEMBERED_LENGTH_MAX) this.#byLine[line] = known
    return known
  }

  #learn(spelling: string): KnownField {
    const name = spelling.toLowerCase()
    const special = this.#special.get(name) ?? { name, role: this.#roleOfOther(name), once: 0 }
    const known = { spelling, ...special }
    if (this.#bySpelling.size < REMEMBERED_MAX && spelling.length <= REMEMBERED_LENGTH_MAX) {
      this.#bySpelling.set(spelling, known)
    }
    return known
  }

  #roleOfOther(name: string): FieldRole {
    // Servers with an interface like CGI take an underscore for a dash: `x_forwarded_for`.
    if (name.includes('_')) return 'dropped'
    // Some take any other sign for one as well, as PHP does a dot: `x-auth.principal`.
    const dashed = name.replaceAll(/[^a-z\d]/g, '-')
    const isSpecial = dashed !== name && this.#special.has(dashed)
    return isSpecial || SPOOFED_PREFIXES.some((prefix) => dashed.startsWith(prefix)) ? 'dropped' : 'forwarded'
  }
}
