/** Ways to change a request. */
import type { Random } from '../../../limiter/test/parity/random.ts'

/** A request in parts, an octet a character. */
export interface Draft {
  readonly line: string
  /** Without their line ends. */
  readonly fields: readonly string[]
  readonly body: string
}

/** What the fast path is to make of a request: answer it, leave it alone, or either. */
export type Expected = 'fast' | 'foreign' | 'either'

/** A way to be odd or hostile. */
export interface Change {
  readonly about: string
  readonly expected: Exclude<Expected, 'fast'>
  /** Where it gives a text, that is sent as it is. */
  readonly apply: (draft: Draft, random: Random) => Draft | string
}

/** A request as it is sent. */
export function textOf({ line, fields, body }: Draft): string {
  return `${[line, ...fields].join('\r\n')}\r\n\r\n${body}`
}

export function foreign(about: string, apply: Change['apply']): Change {
  return { about, expected: 'foreign', apply }
}

export function either(about: string, apply: Change['apply']): Change {
  return { about, expected: 'either', apply }
}

/** Other fields, at random places among those that are there. */
export function withFields(draft: Draft, random: Random, added: readonly string[]): Draft {
  const fields = [...draft.fields]
  for (const field of added) fields.splice(random.below(fields.length + 1), 0, field)
  return { ...draft, fields }
}

export function withoutField(draft: Draft, name: string): Draft {
  return { ...draft, fields: draft.fields.filter((field) => nameOf(field) !== name) }
}

/** The value that a field has, without blanks. */
export function textOfField({ fields }: Draft, name: string): string {
  const field = fields.find((one) => nameOf(one) === name) ?? ':'
  return field.slice(field.indexOf(':') + 1).trim()
}

export function replacedField(draft: Draft, name: string, replacement: readonly string[]): Draft {
  return { ...draft, fields: draft.fields.flatMap((field) => (nameOf(field) === name ? replacement : field)) }
}

function nameOf(field: string): string {
  return field.slice(0, field.indexOf(':')).toLowerCase()
}
