import { hash } from 'node:crypto'
import type { JWTPayload } from 'jose'
import type { JwtSettings } from '../../service/identity/identity-settings.ts'
import { verifyToken } from '../../service/identity/verify-token.ts'
import { type Identity, identityOf } from './caller-identity.ts'
import { ExpiringCache } from './expiring-cache.ts'
import type { Rejection } from './refusal.ts'

/** How long a token that was valid need not be verified again; verifying takes 50 to 100 µs. */
const KEPT_MS = 60_000
const KEPT_MAX = 10_000

/** What scopes are made of: RFC 6749, section 3.3. */
const SCOPE = /^[!#-[\]-~]+$/

const INVALID: Rejection = { why: 'invalid-token' }
const UNAVAILABLE: Rejection = { why: 'keys-unavailable' }

/** Knows callers by bearer tokens; one that was valid is so for another minute, unless it expires. */
export class TokenGate {
  readonly #settings: JwtSettings
  readonly #now: () => number
  readonly #kept = new ExpiringCache<Identity>(KEPT_MAX)

  /** `now` is in milliseconds since 1970. */
  constructor(settings: JwtSettings, now: () => number) {
    this.#settings = settings
    this.#now = now
  }

  /** Whose token this is, by the value of its header field; at once where it is known already. */
  verify(value: string): Identity | Rejection | Promise<Identity | Rejection> {
    const key = hash('sha256', value, 'base64')
    return this.#kept.get(key, this.#now()) ?? this.#check(value, key)
  }

  async #check(value: string, key: string): Promise<Identity | Rejection> {
    const token = await verifyToken(this.#settings, [value], this.#now)
    if (token.state !== 'valid') return token.state === 'invalid' && token.isOutage ? UNAVAILABLE : INVALID
    const { claims } = token
    const identity = identityOf({ method: 'jwt', name: subjectOf(claims), scopes: scopesOf(claims), claims })
    if (identity === null) return INVALID
    const expiresAtMs = ((claims.exp ?? Infinity) + this.#settings.clockToleranceSeconds) * 1000
    this.#kept.set(key, identity, Math.min(this.#now() + KEPT_MS, expiresAtMs))
    return identity
  }
}

function subjectOf({ sub }: JWTPayload): string {
  return typeof sub === 'string' ? sub : ''
}

/** `scope` with spaces between them (RFC 9068); else `scp`, which some issuers write as a list. */
function scopesOf({ scope, ['scp']: scp }: JWTPayload & { readonly scope?: unknown }): readonly string[] {
  const said = scope ?? scp
  const list = typeof said === 'string' ? said.split(' ') : said
  return Array.isArray(list) ? list.filter((one) => typeof one === 'string' && SCOPE.test(one)) : []
}
