import { createHmac } from 'node:crypto'
import type { HashKeySettings } from '../../service/configuration.ts'

/** A purpose of its own: nothing in a log is of use for keys of the store. */
const PURPOSE = 'headgate access log 1'
/** As many as keys have: 144 bits. */
const BYTES = 18
/** Identities whose hash is kept, twice, and how long each may be: a hash takes more than the rest of a line. */
const KEPT_MAX = 2048
const KEPT_LENGTH_MAX = 256

/** Hashes whom a line is about: the same for the same one, and of no use without the secret. */
export class HiddenIdentity {
  readonly #secret: Buffer
  /** What was asked for lately, and before that. */
  #recent = new Map<string, string>()
  #former = new Map<string, string>()

  constructor({ secret }: HashKeySettings) {
    this.#secret = createHmac('sha256', secret).update(PURPOSE).digest()
  }

  /** `~h` and 24 digits in place of what follows the kind: `jwt:~h…` of `jwt:alice`. */
  of(identity: string): string {
    const known = this.#recent.get(identity) ?? this.#former.get(identity)
    if (known !== undefined) return known
    const [kind = ''] = /^[a-z]+:(?!:)/.exec(identity) ?? []
    const hash = createHmac('sha256', this.#secret).update(identity).digest()
    const hidden = `${kind}~h${hash.subarray(0, BYTES).toString('base64url')}`
    if (identity.length <= KEPT_LENGTH_MAX) this.#keep(identity, hidden)
    return hidden
  }

  #keep(identity: string, hidden: string): void {
    if (this.#recent.size >= KEPT_MAX) {
      this.#former = this.#recent
      this.#recent = new Map()
    }
    this.#recent.set(identity, hidden)
  }
}
