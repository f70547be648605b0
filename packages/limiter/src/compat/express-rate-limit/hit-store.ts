/** What a store reads of the options of its limiter. */
export interface WindowOptions {
  readonly windowMs: number
}

/** How often a key was counted, and when that begins anew. */
export interface ClientRateLimitInfo {
  totalHits: number
  resetTime: Date | undefined
}

/** What counts requests by key: the interface that stores of `express-rate-limit`, such as those of `rate-limit-redis`, have. */
export interface HitStore {
  /**
   * Called once, with all options of the limiter. What it throws or rejects with is logged.
   */
  init?(options: WindowOptions): void | Promise<void>
  get?(key: string): Promise<ClientRateLimitInfo | undefined> | ClientRateLimitInfo | undefined
  increment(key: string): Promise<ClientRateLimitInfo> | ClientRateLimitInfo
  decrement(key: string): Promise<void> | void
  resetKey(key: string): Promise<void> | void
  resetAll?(): Promise<void> | void
  shutdown?(): Promise<void> | void
  /** Whether no other process sees its keys. */
  localKeys?: boolean
  /** What it puts before keys. */
  prefix?: string
}
