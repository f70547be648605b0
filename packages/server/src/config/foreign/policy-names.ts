import { createHash } from 'node:crypto'
import { WIRE_POLICIES } from '../../service/wire-policy.ts'

const LENGTH_MAX = 64
const DIGITS = 8

/** Gives limits of other configurations names that policies may have: as they are written, where that is possible. */
export class PolicyNames {
  readonly #taken: Set<string>

  /** `taken` are those of other policies. */
  constructor(taken: readonly string[] = []) {
    this.#taken = new Set([...taken, ...WIRE_POLICIES.keys()])
  }

  /** A name that is given once; `place` tells the limit from all others, so that it is the same whenever the file is read. */
  give(wanted: string, place: readonly string[]): string {
    const plain = nameOf(wanted, place)
    const name = this.#taken.has(plain) ? marked(plain, place) : plain
    this.#taken.add(name)
    return name
  }
}

/** A text as the name of a policy or a rule; with a mark of its place, where it cannot stay as it is. */
export function nameOf(wanted: string, place: readonly string[]): string {
  const plain = wanted.replaceAll(/[^A-Za-z0-9._/-]+/g, '_').replace(/^[^A-Za-z0-9]+/, '')
  return plain === wanted && plain.length <= LENGTH_MAX && plain !== '' ? plain : marked(plain, place)
}

function marked(plain: string, place: readonly string[]): string {
  const mark = createHash('sha256').update(JSON.stringify(place)).digest('hex').slice(0, DIGITS)
  const kept = plain.slice(0, LENGTH_MAX - DIGITS - 1).replace(/[._/-]+$/, '')
  return kept === '' ? mark : `${kept}-${mark}`
}
