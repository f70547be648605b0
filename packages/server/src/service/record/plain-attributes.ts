import type { Configuration } from '../configuration.ts'
import { isShownEntry } from '../shown-entries.ts'
import { isShown } from '../shown-explanation.ts'

/** What stays readable where keys are hashed: what a request is for, and not whose it is. */
const OF_NOBODY: readonly string[] = ['path', 'method', 'host', 'domain']

/** The status of a response, where it decides what is counted. */
export const STATUS = 'status'

/** Entries of descriptors are named so. */
const OF_ENTRY = 'descriptor.'

/** Which values a recording has as they are: those that explanations show, but for what is to be hashed. */
export class PlainAttributes {
  readonly #hashed: ReadonlySet<string>
  readonly #hashesKeys: boolean
  readonly #costs: ReadonlySet<string>

  constructor(
    { policies, hashKeys }: Pick<Configuration, 'policies' | 'hashKeys'>,
    hashed: readonly string[],
  ) {
    this.#hashed = new Set(hashed)
    this.#hashesKeys = hashKeys !== undefined
    this.#costs = new Set(policies.flatMap(({ cost }) => (typeof cost === 'string' ? [cost] : [])))
  }

  /** Whether values of an attribute, or of an entry such as `descriptor.tenant`, stay readable. */
  has(name: string): boolean {
    if (this.#hashed.has(name)) return false
    if (name === STATUS) return true
    if (name.startsWith(OF_ENTRY)) {
      return !this.#hashed.has('descriptor') && !this.#hashesKeys && isShownEntry(name.slice(OF_ENTRY.length))
    }
    return this.#hashesKeys ? OF_NOBODY.includes(name) : isShown(name)
  }

  /** Whether values may stay readable there, as numbers that are costs do. */
  isPlainName(name: string): boolean {
    return this.has(name) || this.#costs.has(name)
  }

  /** Whether this value stays readable: a number that a policy takes as the cost does, whoever it is from. */
  hasValue(name: string, value: string): boolean {
    return this.has(name) || (this.#costs.has(name) && !this.#hashed.has(name) && /^\d{1,15}$/.test(value))
  }
}
