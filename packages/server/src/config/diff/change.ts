/** Whom a difference between two configurations is good for. */
export type Effect =
  /** More passes. */
  | 'more'
  /** Less passes. */
  | 'less'
  /** Budgets start anew: what was spent is not counted. */
  | 'fresh'
  /** Something else. */
  | 'other'

/** One difference between two configurations. */
export interface Change {
  /** Where it is, policies and rules by their names: `policies.api.rules.daily.limit`. */
  readonly path: string
  readonly effect: Effect
  /** One sentence without the path. */
  readonly message: string
}

/** Of two numbers, the later one of which lets more pass where it is higher. */
export function effectOf(before: number, after: number): Effect {
  if (before === after) return 'other'
  return after > before ? 'more' : 'less'
}

const OPENNESS: readonly unknown[] = ['closed', 'local', 'open']

/** How much passes while a store does not answer, by an `onStoreError`. */
export function opennessOf(onStoreError: unknown): number {
  return OPENNESS.indexOf(onStoreError ?? 'local')
}
