/** A way to authenticate. */
export const AUTH_METHODS = ['apiKey', 'jwt', 'basic', 'certificate'] as const
export type AuthMethod = (typeof AUTH_METHODS)[number]

/** How clients of the proxy authenticate. What a route does not require is not looked at; tokens have settings of the service. */
export interface AuthSettings {
  readonly apiKeys: ApiKeySettings | null
  readonly basic: BasicSettings | null
  /** Which certificates are taken, of those that an authority of `tls.clientCaFile` has signed. */
  readonly certificates: CertificateSettings
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
  /** SHA-256 of the whole key, in 64 hexadecimal digits of lower case. */
  readonly hash: string
  readonly scopes: readonly string[]
  /** In milliseconds since 1970; null: never. */
  readonly expiresAtMs: number | null
}

/** Users with passwords. */
export interface BasicSettings {
  readonly realm: string
  /** By name. */
  readonly users: Readonly<Record<string, BasicUser>>
}

/** One user, of whose password only a hash is known. */
export interface BasicUser {
  /** `$scrypt$…` or `$argon2id$…`. */
  readonly hash: string
  readonly scopes: readonly string[]
}

/** Certificates of clients. One that has any of the names or any of the fingerprints is taken; where both are null, each. */
export interface CertificateSettings {
  /** Common names, and alternative names of hosts and URIs. */
  readonly names: readonly string[] | null
  /** SHA-256, in 64 hexadecimal digits of lower case. */
  readonly fingerprints: readonly string[] | null
  /** What each of them has. */
  readonly scopes: readonly string[]
}
