import type { Reason, Source } from '../core/decision.ts'
import type { HeadgateError } from '../core/errors.ts'
import type { HeaderFields } from '../core/policy-answer.ts'

/** What a script decided: a value, also when it denies and when it could not be run. */
export interface ScriptDecision {
  readonly allowed: boolean
  /**
   * `within-limit`: the script said `allow`. `limited`: it said `deny`. `store-unavailable`: it gave no answer, and
   * `onStoreError` decided. `disabled`: the limiter is switched off.
   */
  readonly reason: Extract<Reason, 'within-limit' | 'limited' | 'store-unavailable' | 'disabled'>
  /** Who decided: the script (`store`), `onStoreError` (`open` or `closed`), or nobody (`none`). */
  readonly source: Extract<Source, 'store' | 'open' | 'closed' | 'none'>
  /** Header fields that the script gave, by lower-case name; of one line of printable ASCII each. */
  readonly headers: HeaderFields
  /** What the script replied behind the header values, as the client gave it: `[42]` for `{ 'allow', { '3' }, 42 }`. */
  readonly extra: readonly unknown[]
  /** Why the script gave no answer; null where it did, and where nobody asked it. */
  readonly error: HeadgateError | null
}

/** The decision of a limiter that is switched off. */
export const DISABLED: ScriptDecision = Object.freeze({
  allowed: true,
  reason: 'disabled',
  source: 'none',
  headers: Object.freeze({}),
  extra: Object.freeze([]),
  error: null,
})

/** The decision while the script gives no answer. */
export function undecided(source: 'open' | 'closed', error: HeadgateError): ScriptDecision {
  const allowed = source === 'open'
  return { allowed, reason: 'store-unavailable', source, headers: {}, extra: [], error }
}
