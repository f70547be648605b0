/** An authenticator without a server, which is asked about fields. */
import { createHash, createSecretKey, scryptSync } from 'node:crypto'
import { SignJWT } from 'jose'
import {
  type Authentication,
  Authenticator,
  type AuthenticatorParts,
} from '../../src/proxy/auth/authenticator.ts'
import { PasswordMemory } from '../../src/proxy/auth/password-gate.ts'
import { newApiKey } from '../../src/service/identity/api-key-text.ts'
import type { JwtSettings } from '../../src/service/identity/identity-settings.ts'
import type { AuthMethod, AuthSettings } from '../../src/service/proxy-settings/auth-settings.ts'

/** What the clock says first. */
export const START_MS = Date.parse('2026-12-01T12:00:00Z')
export const HOUR_MS = 3_600_000
/** A key for ever, and one for an hour. */
export const [readKey, oldKey] = [newApiKey('reader'), newApiKey('old')]
const secret = createSecretKey(Buffer.alloc(32, 7))
/** How tokens are verified. */
export const jwt: JwtSettings = {
  algorithms: ['HS256'],
  key: secret,
  issuer: 'https://login.example',
  audience: 'shop',
  clockToleranceSeconds: 5,
  header: 'authorization',
}

const digestOf = (key: string): string => createHash('sha256').update(key).digest('hex')
/** As cheap as hashes may be. */
function hashed(password: string): string {
  const salt = Buffer.alloc(16, 1)
  const base64 = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '')
  return `$scrypt$ln=14,r=8,p=1$${base64(salt)}$${base64(scryptSync(password, salt, 32, { N: 2 ** 14 }))}`
}

/** Who is known. */
export const settings: AuthSettings = {
  apiKeys: {
    header: 'x-api-key',
    keys: [
      { id: 'reader', hash: digestOf(readKey), scopes: ['read'], expiresAtMs: null },
      { id: 'old', hash: digestOf(oldKey), scopes: [], expiresAtMs: START_MS + HOUR_MS },
    ],
  },
  basic: {
    realm: 'Shop',
    users: {
      alice: { hash: hashed('pässwörd'), scopes: ['admin'] },
      zoë: { hash: hashed('other'), scopes: [] },
    },
  },
  certificates: { names: null, fingerprints: null, scopes: [] },
  identityFields: { principal: 'x-auth-principal', scopes: 'x-auth-scopes' },
}

/** An authenticator whose clock is moved by hand. */
export class Door {
  nowMs = START_MS
  readonly #authenticator: Authenticator

  constructor(parts: Partial<AuthenticatorParts> = {}) {
    const memory = new PasswordMemory(() => this.nowMs)
    this.#authenticator = new Authenticator({ settings, jwt, memory, now: () => this.nowMs, ...parts })
  }

  ask(
    fields: readonly string[],
    { require = ['apiKey', 'jwt', 'basic'], scopes = [], ip = '192.0.2.1' }: Asking = {},
  ): Authentication | Promise<Authentication> {
    return this.#authenticator.authenticate({ fields, ip }, { certificate: () => null }, { require, scopes })
  }

  /** Whose it is, or status and reason. */
  async who(fields: readonly string[], asking: Asking = {}): Promise<string> {
    const answer = await this.ask(fields, asking)
    return 'identity' in answer ? answer.identity.principal : `${answer.refused.status} ${answer.refused.why}`
  }

  kept(fields: readonly string[], method: AuthMethod, require: readonly AuthMethod[]): readonly string[] {
    return this.#authenticator.withoutCredential(fields, { method }, require)
  }
}

/** What a route takes, and where a request is from. */
export interface Asking {
  readonly require?: readonly AuthMethod[]
  readonly scopes?: readonly string[]
  readonly ip?: string
}

/** The field with a user and a password. */
export const basic = (user: string, password: string): string[] => [
  'authorization',
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
]
/** A token of alice for ten minutes. */
export async function token(claims: object = {}, header: object = {}): Promise<string> {
  const exp = START_MS / 1000 + 600
  return new SignJWT({ sub: 'alice', iss: 'https://login.example', aud: 'shop', exp, ...claims })
    .setProtectedHeader({ alg: 'HS256', ...header })
    .sign(secret)
}
/** The field with a token. */
export const bearer = (text: string): string[] => ['authorization', `Bearer ${text}`]
