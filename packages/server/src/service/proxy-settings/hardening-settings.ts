/** Names of the sets of fields that responses get. */
export const PRESETS = ['compat', 'strict', 'api'] as const
export type Preset = (typeof PRESETS)[number]

/** What is done to responses; fields of the application win where a preset says so. */
export interface HardeningSettings {
  readonly preset: Preset
  /** In place of that of the preset; null: none at all. Undefined: that of the preset. */
  readonly contentSecurityPolicy?: string | null
  /** Whether the policy only reports; undefined: as the preset has it. */
  readonly reportOnly?: boolean
  /** Path at which browsers report violations; null: nowhere. */
  readonly reportPath: string | null
  readonly strictTransportSecurity: {
    readonly maxAgeSeconds: number
    readonly includeSubDomains: boolean
    readonly preload: boolean
  } | null
  readonly cookies: CookieSettings | null
  /** Fields that are removed beside those of the list, in lower case. */
  readonly remove: readonly string[]
  /** Fields of the list that stay, in lower case. */
  readonly keep: readonly string[]
}

/** What is added to cookies of the application. */
export interface CookieSettings {
  readonly secure: boolean
  readonly sameSite: 'lax' | 'strict' | null
  /** Names of cookies that scripts may read; all others get HttpOnly. */
  readonly readable: readonly string[]
  /** Names of cookies that stay as they are. */
  readonly exempt: readonly string[]
}
