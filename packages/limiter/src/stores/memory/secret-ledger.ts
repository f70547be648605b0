import type { SecretOffer } from '../../core/secret-store.ts'

/** A secret, and when it was taken, in microseconds of the store's clock. */
export type SecretEntry = readonly [secret: string, takenAtUs: number]

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

  /** The secrets, among them the one offered where the newest is too old. Twin of `secrets.lua`. */
  offer({ secret, addAfterMs, keepMs }: SecretOffer, now: number): readonly string[] {
    const kept = this.#entries.filter(([, takenAtUs]) => now - takenAtUs < keepMs * 1000)
    const [newest] = kept
    const isOld = newest === undefined || now - newest[1] >= addAfterMs * 1000
    this.#entries = isOld ? [[secret, now], ...kept] : kept
    return this.#entries.map(([one]) => one)
  }
}
