import { randomBytes } from 'node:crypto'
import type { Store } from 'headgate'
import { isSecretStore, type SecretStore } from 'headgate/store'
import type { ReceiptKeys } from '../configuration.ts'
import { StoreKeys } from './store-keys.ts'
import { type TokenKey, tokenKey } from './token-key.ts'

/**
 * The keys of a service, from where it has them: from the configuration; else from the store, for all services on it; else,
 * where budgets live in this process, from the process. That of the process also serves while the store was never reached: what
 * is spent then is spent in this process.
 */
export class TokenKeys {
  readonly #scope: string | undefined
  readonly #configuration: () => { readonly receipts?: ReceiptKeys | undefined }
  readonly #ofProcess: TokenKey
  readonly #store: SecretStore | null
  #ofStore: StoreKeys | null = null
  #read: ReceiptKeys | undefined
  #configured: readonly TokenKey[] = []

  constructor(
    { store, scope }: { readonly store: Store; readonly scope?: string | undefined },
    configuration: () => { readonly receipts?: ReceiptKeys | undefined },
  ) {
    this.#scope = scope
    this.#configuration = configuration
    this.#ofProcess = tokenKey(randomBytes(32), 'process')
    this.#store = scope !== undefined && isSecretStore(store) ? store : null
    // Asks the store now, so that the first decisions need not wait.
    void this.current()
  }

  /** The key to sign with. */
  current(): TokenKey | Promise<TokenKey> {
    const [configured] = this.#fromConfiguration()
    if (configured !== undefined) return configured
    if (this.#store !== null) this.#ofStore ??= new StoreKeys(this.#store, this.#scope as string)
    const newest = this.#ofStore?.newest()
    if (newest instanceof Promise) return newest.then((key) => key ?? this.#ofProcess)
    return newest ?? this.#ofProcess
  }

  /** Resolves once texts can be signed that all who share the store take; rejects where that cannot be yet. */
  async prepare(): Promise<void> {
    if (this.#fromConfiguration().length === 0) await this.#ofStore?.prepare()
  }

  /** The key of this id, if it is one of ours. Rejects where the store has to be asked and does not answer. */
  async find(id: string): Promise<TokenKey | undefined> {
    const known = [this.#ofProcess, ...this.#fromConfiguration()].find((key) => key.id === id)
    return known ?? this.#ofStore?.find(id)
  }

  /** Those of the configuration in force. Without effect on a store in this process, which nobody shares. */
  #fromConfiguration(): readonly TokenKey[] {
    const { receipts } = this.#configuration()
    const scope = this.#scope
    if (scope === undefined || receipts === this.#read) return this.#configured
    this.#read = receipts
    const secrets = receipts === undefined ? [] : [receipts.key, ...(receipts.previousKeys ?? [])]
    this.#configured = secrets.map((secret) => tokenKey(secret, scope))
    return this.#configured
  }
}
