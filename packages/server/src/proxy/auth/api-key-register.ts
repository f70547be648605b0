import { timingSafeEqual } from 'node:crypto'
import { apiKeyHash, apiKeyIdOf } from '../../service/identity/api-key-text.ts'
import type { ApiKey } from '../../service/proxy-settings/auth-settings.ts'
import { type Identity, identityOf } from './caller-identity.ts'
import type { Rejection } from './refusal.ts'

interface Holder {
  readonly digest: Buffer
  readonly expiresAtMs: number
  readonly identity: Identity | null
}

/** Stands in for keys that there are not. */
const NOBODY: Holder = { digest: Buffer.alloc(32), expiresAtMs: Infinity, identity: null }
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
      })
    }
  }

  /** Whose key this is. An id that is not known takes as long as one that is. */
  verify(key: string, nowMs: number): Identity | Rejection {
    const id = apiKeyIdOf(key)
    if (id === null) return UNKNOWN
    const { digest, expiresAtMs, identity } = this.#holders.get(id) ?? NOBODY
    if (!timingSafeEqual(apiKeyHash(key), digest) || identity === null) return UNKNOWN
    return nowMs < expiresAtMs ? identity : EXPIRED
  }
}
