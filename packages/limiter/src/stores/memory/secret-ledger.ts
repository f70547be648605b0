import type { SecretOffer } from '../../core/secret-store.ts'
import { type SecretEntry, secretsWith } from '../local/secrets-with.ts'

/** Keeps secrets for those who use a store, newest first. */
export class SecretLedger {
  #entries: readonly SecretEntry[]

  /** With what {@link entries} of another one had. */
  constructor(entries: readonly SecretEntry[] = []) {
    this.#entries = entries
  }

  /** What it keeps. */
  get entries(): readonly SecretEntry[] {
    return this.#entries
  }

  /** The secrets, among them the one offered where the newest is too old. */
  offer(offer: SecretOffer, now: number): readonly string[] {
    this.#entries = secretsWith(this.#entries, offer, now)
    return this.#entries.map(([one]) => one)
  }
}
