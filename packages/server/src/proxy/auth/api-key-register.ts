import { timingSafeEqual } from 'node:crypto'
import { apiKeyHash, apiKeyIdOf } from '../../service/identity/api-key-text.ts'
import type { ApiKey } from '../../service/proxy-settings/auth-settings.ts'
import { type Identity, identityOf } from './caller-identity.ts'
import type { Rejection } from './refusal.ts'

interface Holder {
  readonly digest: Buffer
  readonly expiresAtMs: number
  readonly identity: Identity | null
  /** Null until the right key came. */
  proven: ProvenKey | null
}

/** Stands in for keys that there are not. */
const NOBODY: Holder = { digest: Buffer.alloc(32), expiresAtMs: Infinity, identity: null, proven: null }
const UNKNOWN: Rejection = { why: 'unknown-key' }
const EXPIRED: Rejection = { why: 'expired-key' }

/** The API keys of a configuration, found by their ids. */
export class ApiKeyRegister {
  readonly #holders = new Map<string, Holder>()

  constructor(keys: readonly ApiKey[]) {
    for (const { id, hash, scopes, expiresAtMs } of keys) {
      const identity = identityOf({ method: 'apiKey', name: id, scopes })
      this.#holders.set(id, {
        digest: Buffer.from(hash, 'hex'),
        expiresAtMs: expiresAtMs ?? Infinity,
        identity,
        proven: null,
      })
    }
  }

  /** Whose key this is. An id that is not known takes as long as one that is. */
  verify(key: string, nowMs: number): Identity | Rejection {
    const id = apiKeyIdOf(key)
    if (id === null) return UNKNOWN
    const holder = this.#holders.get(id) ?? NOBODY
    const { digest, expiresAtMs, identity } = holder
    const isRight = holder.proven?.isSame(key) === true || timingSafeEqual(apiKeyHash(key), digest)
    if (!isRight || identity === null) return UNKNOWN
    holder.proven ??= new ProvenKey(key)
    return nowMs < expiresAtMs ? identity : EXPIRED
  }
}

/** A key that was right: another one is compared with it, as its hash would be in constant time, at a tenth of the cost of hashing it. */
class ProvenKey {
  readonly #key: Buffer
  readonly #presented: Buffer

  /** Keys are ASCII. */
  constructor(key: string) {
    this.#key = Buffer.from(key, 'latin1')
    this.#presented = Buffer.alloc(key.length)
  }

  isSame(key: string): boolean {
    if (key.length !== this.#key.length) return false
    this.#presented.write(key, 'latin1')
    return timingSafeEqual(this.#presented, this.#key)
  }
}
