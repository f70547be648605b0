import { createHmac, type KeyObject } from 'node:crypto'
import type { Store } from 'headgate'
import { type ClaimingStore, isClaiming } from 'headgate/store'

/** No reservation has this id. */
const ID = '~hash-keys'
const NOTED_US = 30 * 86_400_000_000

/** Notices that instances on one store hash keys by different secrets: each would have budgets of its own. */
export class SecretCheck {
  readonly #store: ClaimingStore
  readonly #value: number
  #isDone = false

  constructor(store: ClaimingStore, secret: KeyObject) {
    this.#store = store
    // 48 bits that say whether two secrets are the same, and nothing of either.
    this.#value = createHmac('sha256', secret).update('headgate fingerprint 1').digest().readUIntBE(0, 6)
  }

  /** Looks at the secret of whoever started last, and puts ours in its place; once. Never rejects: a store that is away is asked again. */
  async run(): Promise<void> {
    if (this.#isDone) return
    this.#isDone = true
    try {
      const noted = await this.#note()
      if (noted === this.#value) return
      warnOfAnother()
      await this.#store.unclaim(ID)
      await this.#note()
    } catch {
      this.#isDone = false
    }
  }

  /** The secret that is noted, ours where none was. */
  async #note(): Promise<number> {
    const endsAtUs = Date.now() * 1000 + NOTED_US
    const { value } = await this.#store.claim({ id: ID, value: this.#value, endsAtUs })
    return value ?? this.#value
  }
}

/** The check of a service; null where it has no secret, or its budgets are in this process alone. */
export function secretCheck(
  { store, scope }: { readonly store: Store; readonly scope?: string },
  secret: KeyObject | undefined,
): SecretCheck | null {
  if (secret === undefined || scope === undefined || !isClaiming(store)) return null
  return new SecretCheck(store, secret)
}

function warnOfAnother(): void {
  const message =
    'Another instance on this store hashed keys by another secret, and has budgets of its own; give all instances the same file'
  process.emitWarning(message, { type: 'HeadgateWarning', code: 'HEADGATE_HASH_KEYS' })
}
