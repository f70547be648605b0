import { base64url } from './base64url.ts'
import { invalid } from './errors.ts'
import { GLOBAL_KEY, HASHED } from './key.ts'
import { keyedHash } from './keyed-hash.ts'
import { Sealer } from './sealer.ts'
import { checkFields } from './validate.ts'

/** What keys are hashed with. */
export interface HashKeysOptions {
  /**
   * Text or bytes, drawn at random, at least 32 bytes. All processes on one store need the same one, and who has it can find out by
   * trying whom a hash is of. With another one all budgets begin anew.
   */
  readonly secret: string | Uint8Array
}

const SECRET_BYTES_MIN = 32
/** 144 bits, which are 24 digits: among n keys two are the same with a probability below n²/2^145. */
const KEY_BYTES = 18
/** Keys of which the hash is kept, twice, and how long such a key may be: a hash takes a microsecond. */
const KEPT_MAX = 2048
const KEPT_LENGTH_MAX = 256

/** Hashes keys, and seals what says whom they are of: neither can be read without the secret. */
export class HashedKeys {
  readonly #hash: (message: string) => Uint8Array
  /** What was asked for lately, and before that. */
  #recent = new Map<string, string>()
  #former = new Map<string, string>()
  readonly sealer: Sealer

  constructor(secret: string | Uint8Array) {
    // A secret for each purpose, so that no output of one is of use for another.
    const derive = keyedHash(secret)
    this.#hash = keyedHash(derive('headgate keys 1'))
    this.sealer = new Sealer(derive('headgate sealed mark 1'), derive('headgate sealed stream 1'))
  }

  /**
   * The hash of an encoded key, in a form that no plain key has: since the encoding is injective, two keys have one hash by chance
   * alone. Nobody is named by the key of everybody, which stays as it is.
   */
  of(key: string): string {
    if (key === GLOBAL_KEY) return key
    const known = this.#recent.get(key) ?? this.#former.get(key)
    if (known !== undefined) return known
    const hashed = HASHED + base64url(this.#hash(key).subarray(0, KEY_BYTES))
    if (key.length <= KEPT_LENGTH_MAX) this.#keep(key, hashed)
    return hashed
  }

  #keep(key: string, hashed: string): void {
    if (this.#recent.size >= KEPT_MAX) {
      this.#former = this.#recent
      this.#recent = new Map()
    }
    this.#recent.set(key, hashed)
  }
}

/** Checks the option at `path`; null where keys are not hashed. The secret is in no message. */
export function compileHashKeys(options: HashKeysOptions | undefined, path: string): HashedKeys | null {
  if (options === undefined) return null
  checkFields(options, ['secret'], path)
  const { secret } = options
  const isSecret = typeof secret === 'string' || secret instanceof Uint8Array
  const bytes = typeof secret === 'string' ? new TextEncoder().encode(secret) : secret
  if (isSecret && bytes.length >= SECRET_BYTES_MIN) return new HashedKeys(bytes)
  throw invalid(`${path}.secret`, `is not a secret of at least ${SECRET_BYTES_MIN} bytes; draw one at random`)
}
