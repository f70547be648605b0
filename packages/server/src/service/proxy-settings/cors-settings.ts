/** What pages of other origins may do. */
export interface CorsSettings {
  /** Exact origins such as `https://app.example`; `*`: any, without credentials. */
  readonly origins: readonly string[] | '*'
  readonly methods: readonly string[]
  /** Request fields beside those that are always allowed, in lower case. */
  readonly headers: readonly string[]
  /** Response fields that pages may read. */
  readonly expose: readonly string[]
  readonly credentials: boolean
  readonly maxAgeSeconds: number
}
