import type { Store } from './store.ts'

/** A secret that may become one of a store's. */
export interface SecretOffer {
  /** Lower-case hexadecimal digits; drawn at random by whoever asks. */
  readonly secret: string
  /** Added where the newest one is as old as this. */
  readonly addAfterMs: number
  /** A secret as old as this is dropped. */
  readonly keepMs: number
}

/** A store that keeps secrets for those who use it under one prefix. */
export interface SecretStore extends Store {
  /** The secrets, newest first; the offered one is among them only if the store has taken it. */
  secrets(offer: SecretOffer): Promise<readonly string[]>
}

export function isSecretStore(store: Store): store is SecretStore {
  return 'secrets' in store
}
