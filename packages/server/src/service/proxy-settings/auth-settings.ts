/** A way to authenticate. */
export const AUTH_METHODS = ['apiKey', 'jwt', 'basic', 'certificate'] as const
export type AuthMethod = (typeof AUTH_METHODS)[number]

/** How clients of the proxy authenticate. What a route does not require is not looked at. */
export interface AuthSettings {
  readonly apiKeys: ApiKeySettings | null
  readonly basic: BasicSettings | null
  /** Header fields by which the upstream learns who it is; in lower case. */
  readonly identityFields: IdentityFields
}

/** Names of the fields that tell the upstream who a request is of. Those that clients send are removed, whether or not anybody authenticates. */
export interface IdentityFields {
  /** `apikey:<id>`, `jwt:<sub>`, `basic:<user>` or `certificate:<name>`. */
  readonly principal: string
  /** Scopes with spaces between them. */
  readonly scopes: string
}

/** API keys. */
export interface ApiKeySettings {
  /** Field that has the key, in lower case; a key is taken as a bearer token as well. */
  readonly header: string
  readonly keys: readonly ApiKey[]
}

/** One key, of which only a hash is known. */
export interface ApiKey {
  /** The part of the key that is no secret. */
  readonly id: string
  /** SHA-256 of the whole key, in hexadecimal digits. */
  readonly hash: string
  readonly scopes: readonly string[]
  /** In milliseconds since 1970; null: never. */
  readonly expiresAtMs: number | null
}

/** Users with passwords. */
export interface BasicSettings {
  readonly realm: string
  /** Hash of the password by user: `$scrypt$…` or `$argon2id$…`. */
  readonly users: Readonly<Record<string, string>>
}
