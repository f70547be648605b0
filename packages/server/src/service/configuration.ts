import type { KeyObject } from 'node:crypto'
import type { AccessList, PolicyOptions } from 'headgate'
import type { AnswerOptions } from 'headgate/http'
import type { TokenSettings } from './access/token-settings.ts'
import type { LimitDomain } from './envoy/limit-node.ts'
import type { IdentitySettings } from './identity/identity-settings.ts'
import type { ProxySettings } from './proxy-settings/proxy-settings.ts'

/** A setting that is read and checked, and has no effect: in this version, or before a restart. */
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
  /**
   * Trees that find the policies of descriptors.
   * @default none
   */
  readonly domains?: readonly LimitDomain[]
  /**
   * What answers over HTTP look like.
   * @default the defaults of `headgate/http`
   */
  readonly http?: HttpSettings
  /**
   * Where attributes come from that callers do not name.
   * @default nowhere, and no proxy is trusted
   */
  readonly identity?: IdentitySettings
  /**
   * Secrets by which receipts are authenticated.
   * @default drawn in the store, for all that share it; on a store in this process, by the process
   */
  readonly receipts?: ReceiptKeys
  /**
   * What is logged beside what goes wrong.
   * @default nothing
   */
  readonly log?: LogSettings
  /**
   * Where it is written who changed what.
   * @default nowhere
   */
  readonly audit?: AuditSettings
  /**
   * Who may call the service, and what for.
   * @default whoever reaches it, everything
   */
  readonly tokens?: readonly TokenSettings[]
  /**
   * How the listener of operators is reached.
   * @default by addresses and as localhost
   */
  readonly admin?: AdminSettings
  /**
   * What was changed at run time.
   * @default it is not known whether anything was
   */
  readonly runtime?: RuntimeState
  /**
   * By what keys are hashed, as long as the service lives.
   * @default keys stay readable
   */
  readonly hashKeys?: HashKeySettings
  /**
   * The edge proxy.
   * @default this is none
   */
  readonly proxy?: ProxySettings
}

/** How the listener of operators is reached. */
export interface AdminSettings {
  /**
   * Names of its host, in lower case, beside addresses and `localhost`.
   * @default none
   */
  readonly hosts?: readonly string[]
}

/** What was changed at run time, as far as it is in force. */
export interface RuntimeState {
  /** Tells one state from another; `0` where nothing was ever changed. */
  readonly version: string
  /** Whether all policies are in shadow. */
  readonly shadow: boolean
  /** Names of the policies that live at run time; all others are those of the file. */
  readonly policies: readonly string[]
}

/** How keys are hashed. */
export interface HashKeySettings {
  /** As an object, which no log and no listing shows. */
  readonly secret: KeyObject
}

/** What is logged beside what goes wrong. */
export interface LogSettings {
  readonly decisions?: DecisionLogSettings
}

/** Which decisions are logged, and how. */
export interface DecisionLogSettings {
  /** The share of those that pass, from 0 to 1. */
  readonly allowed: number
  /** The share of denials, from 0 to 1. */
  readonly denied: number
  /** Whether the keys are logged that a request spends from. */
  readonly keys: boolean
  /** Most lines in a second. */
  readonly perSecond: number
}

/** Where it is written who changed what. */
export interface AuditSettings {
  /** From the root; null: standard output, beside the log. */
  readonly file: string | null
  /** Whether denials are written too. */
  readonly denials: boolean
}

/** Secrets by which receipts are authenticated. */
export interface ReceiptKeys {
  readonly key: string
  /** Those of receipts given out before; none is signed with them. */
  readonly previousKeys?: readonly string[]
}

/** What answers over HTTP look like, as a configuration has it. */
export interface HttpSettings extends Pick<AnswerOptions, 'denial'> {
  /**
   * Which header fields tell of limits: those of draft 11, `X-RateLimit-*`, both or none.
   * @default 'draft'
   */
  readonly headers?: 'draft' | 'legacy' | 'both' | 'none'
  /**
   * What `X-RateLimit-Reset` counts: seconds from now, or since 1970.
   * @default 'delta'
   */
  readonly reset?: 'delta' | 'epoch'
}

/** Why another configuration is not in force: its first mistake. Safe to be shown, also where the configuration has secrets. */
export interface Rejection {
  /** The file of a folder; null where the configuration is one file, or the mistake is in none. */
  readonly file: string | null
  /** As in `policies[0].rules[0].limit`; empty where it is about the file as a whole. */
  readonly path: string
  /** Where it stands in the text, from 1; null where it stands nowhere, as with a file that is missing. */
  readonly line: number | null
  readonly column: number | null
  /** One sentence, which may not repeat the path. */
  readonly message: string
  /** How many more mistakes there are. */
  readonly more: number
}

/** Which configuration is in force, and why the last one offered is not. */
export interface ConfigurationState {
  /** That of the configuration in force. */
  readonly hash: string
  /** Null while what is in force is what was offered last. */
  readonly rejected: Rejection | null
  /** Present while all policies are in shadow. */
  readonly shadow?: true
}
