import type { Algorithm } from '../../../core/algorithm.ts'
import { fragments } from '../scripts.gen.ts'
import type { ShapeRule } from '../shape.ts'

/** Numbers in the front of every record: size, id, incarnation, when it recovers, last spend. */
const HEAD = ['size', 'seen', 'incarnation', 'ends', 'spent']
/** Fragments that all algorithms of users share. */
const CUSTOM = 'custom'

/** How many terms the fragments of an algorithm name. */
export function namedTerms({ kind, custom }: Algorithm): number {
  return wordsOf(fragments[custom ? CUSTOM : kind]?.['terms']).length
}

/** The fragments of one rule of a shape, with its number in place of `$`. */
export class RuleText {
  readonly number: number
  readonly shape: ShapeRule
  /** Numbers of its record's front, in order. */
  readonly front: readonly string[]
  /** Numbers of the front that a spend changes: all from the incarnation on. */
  readonly changing: readonly string[]
  /** What a script holds of it: where its record begins, the front, and what stands behind. */
  readonly fields: readonly string[]
  readonly terms: readonly string[]
  /** Bytes of a front, and of what stands behind it when it is fresh. */
  readonly frontBytes: number
  readonly freshTailBytes: number
  readonly #sections: Readonly<Record<string, string>>

  constructor(shape: ShapeRule, number: number) {
    this.shape = shape
    this.number = number
    this.#sections = fragments[shape.custom ? CUSTOM : shape.kind] ?? {}
    const state = wordsOf(this.#sections['state'])
    this.front = [...HEAD, ...state]
    this.changing = this.front.slice(2)
    this.fields = ['at', ...this.front, 'tail']
    const more = Array.from({ length: shape.moreTerms }, (_, i) => `term${i + 1}`)
    this.terms = ['id', 'call', ...wordsOf(this.#sections['terms']), ...more]
    this.frontBytes = 8 * this.front.length
    this.freshTailBytes = 8 * shape.words
  }

  /** The same kind under another number. */
  numbered(number: number): RuleText {
    return new RuleText(this.shape, number)
  }

  /** A fragment that is a list of names. */
  words(section: string): string[] {
    return wordsOf(this.#sections[section])
  }

  has(section: string): boolean {
    return section in this.#sections
  }

  /** A fragment as a block of its own, so that its locals end with it; nothing where the kind has none. */
  block(section: string): string {
    return this.has(section) ? `do\n${this.text(section)}\nend\n` : ''
  }

  /** A fragment with its includes and names in place. */
  text(section: string): string {
    return this.named(this.#included(this.#sections[section] ?? ''))
  }

  /** `$name` as this rule's own name. */
  named(text: string): string {
    return text.replace(/\$(\w+)/g, (_, name: string) => `${name}_${this.number}`)
  }

  /** A list of own names. */
  list(names: readonly string[]): string {
    return names.map((name) => `${name}_${this.number}`).join(', ')
  }

  /** What the state of a fresh key is: zeros. */
  fresh(): string {
    const zeroed = [...this.changing, 'tail']
    const tail = this.freshTailBytes === 0 ? "''" : `string.rep('\\0', ${this.freshTailBytes})`
    return `${this.list(zeroed)} = ${this.changing.map(() => '0').join(', ')}, ${tail}\n`
  }

  #included(text: string): string {
    return text.replace(/!(\w+)/g, (_, name: string) => {
      if (name !== 'open') return this.#included(this.#sections[name] ?? '')
      const from = `$at + ${this.frontBytes}`
      return `if not $tail then $tail = string.sub(raw, ${from}, $at + $size - 2 - #$text) end`
    })
  }
}

function wordsOf(list = ''): string[] {
  return list === '' ? [] : list.split(' ')
}
