import type { AccessList, PolicyOptions } from 'headgate'

/** A setting that is read and checked, and has no effect in this version. */
export interface NotInForce {
  /** As in `policies[0].ban`. */
  readonly path: string
  /** One sentence that names the path and says what happens instead. */
  readonly message: string
}

/** What decides: all of it is in force at once, or none of it. */
export interface Configuration {
  /** Tells one configuration from another: 12 hexadecimal digits of the SHA-256 of its text. */
  readonly hash: string
  readonly policies: readonly PolicyOptions[]
  /** Passes before any policy is asked. */
  readonly allow: AccessList
  /** Is denied before any policy is asked; wins over `allow`. */
  readonly deny: AccessList
  readonly notInForce: readonly NotInForce[]
}
