import type { Algorithm } from '../../../core/algorithm.ts'
import { fragments } from '../scripts.gen.ts'
import type { ShapeRule } from '../shape.ts'

/** First numbers of every record. `recovers_at` and `spent_at` (last spend) are microseconds of the store's clock. */
const RECORD_HEADER = ['size', 'stored_id', 'incarnation', 'recovers_at', 'spent_at']
/** Name of the fragments that all custom algorithms share. */
const CUSTOM = 'custom'

/** How many terms the fragments of an algorithm name. */
export function namedTerms({ kind, custom }: Algorithm): number {
  return namesOf(fragments[custom ? CUSTOM : kind]?.['terms']).length
}

/**
 * The Lua fragments of one rule of a shape. `$name` in a fragment becomes `name_<number>`, a variable of that rule. Its
 * record is a fixed part (the numbers `fixed`), a tail whose size may vary, and as trailer a NUL and the identity text.
 */
export class RuleText {
  readonly number: number
  readonly shape: ShapeRule
  /** Names of the numbers in the record's fixed part, in order. */
  readonly fixed: readonly string[]
  /** Those of the fixed part that a spend can change: all but size and id. */
  readonly changing: readonly string[]
  /** Variables that hold a record: its offset in the value, the fixed part, and the tail. */
  readonly fields: readonly string[]
  readonly terms: readonly string[]
  readonly fixedBytes: number
  /** Bytes of the tail of a fresh record. */
  readonly freshTailBytes: number
  readonly #sections: Readonly<Record<string, string>>

  constructor(shape: ShapeRule, number: number) {
    this.shape = shape
    this.number = number
    this.#sections = fragments[shape.custom ? CUSTOM : shape.kind] ?? {}
    const state = namesOf(this.#sections['state'])
    this.fixed = [...RECORD_HEADER, ...state]
    this.changing = this.fixed.slice(2)
    this.fields = ['at', ...this.fixed, 'tail']
    const more = Array.from({ length: shape.moreTerms }, (_, i) => `term${i + 1}`)
    this.terms = ['id', 'call', ...namesOf(this.#sections['terms']), ...more]
    this.fixedBytes = 8 * this.fixed.length
    this.freshTailBytes = 8 * shape.words
  }

  /** The same rule with another number, so that its variables do not clash. */
  numbered(number: number): RuleText {
    return new RuleText(this.shape, number)
  }

  /** A fragment that is a list of names. */
  namesIn(section: string): string[] {
    return namesOf(this.#sections[section])
  }

  has(section: string): boolean {
    return section in this.#sections
  }

  /** A fragment in a `do` block, which limits the scope of its locals; empty if the kind has no such fragment. */
  block(section: string): string {
    return this.has(section) ? `do\n${this.text(section)}\nend\n` : ''
  }

  /** A fragment with its includes (`!name`) and variables (`$name`) replaced. */
  text(section: string): string {
    return this.named(this.#included(this.#sections[section] ?? ''))
  }

  /** Replaces each `$name` by this rule's variable. */
  named(text: string): string {
    return text.replace(/\$(\w+)/g, (_, name: string) => `${name}_${this.number}`)
  }

  /** This rule's variables of these names, separated by commas. */
  list(names: readonly string[]): string {
    return names.map((name) => `${name}_${this.number}`).join(', ')
  }

  /** Lua that sets the state of a fresh key: zeros. */
  fresh(): string {
    const zeroed = [...this.changing, 'tail']
    const tail = this.freshTailBytes === 0 ? "''" : `string.rep('\\0', ${this.freshTailBytes})`
    return `${this.list(zeroed)} = ${this.changing.map(() => '0').join(', ')}, ${tail}\n`
  }

  #included(text: string): string {
    return text.replace(/!(\w+)/g, (_, name: string) => {
      if (name !== 'load_tail') return this.#included(this.#sections[name] ?? '')
      const from = `$at + ${this.fixedBytes}`
      return `if not $tail then $tail = string.sub(raw, ${from}, $at + $size - 2 - #$text) end`
    })
  }
}

function namesOf(list = ''): string[] {
  return list === '' ? [] : list.split(' ')
}
