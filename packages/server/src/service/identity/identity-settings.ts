import type { KeyObject } from 'node:crypto'

/** Where attributes come from that a caller does not name, and who is believed. */
export interface IdentitySettings {
  /** Addresses and networks of proxies whose forwarded addresses and header fields are believed; `unix` for Unix sockets. */
  readonly trustedProxies: readonly string[]
  /** Attribute → its sources, such as `jwt.sub`; the first that is present wins. */
  readonly attributes: Readonly<Record<string, readonly string[]>>
  /** How tokens are verified; without it there are none. */
  readonly jwt?: JwtSettings
}

/** How bearer tokens are verified. Nothing in a token chooses its algorithm or key. */
export interface JwtSettings {
  readonly algorithms: readonly string[]
  /** A public key or a secret, which fits the algorithms; or where the issuer publishes its keys. */
  readonly key: KeyObject | PublishedKeys
  /** Any, where it is left out. */
  readonly issuer?: string | readonly string[]
  readonly audience?: string | readonly string[]
  /** How far the clock of the issuer may be off. */
  readonly clockToleranceSeconds: number
  /** Name of the header field that has the token, in lower case. */
  readonly header: string
}

/** Where the public keys of an issuer are fetched from. */
export interface PublishedKeys {
  /** `https`, or `http` on this machine; without credentials. */
  readonly jwksUrl: string
}
