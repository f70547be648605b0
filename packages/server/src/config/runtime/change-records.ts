import type { PolicyOptions } from 'headgate'
import type { ChangeRecord } from '../../service/changes/change-record.ts'
import { listedPolicy } from '../../service/policy-listing.ts'
import type { KeptChange } from './runtime-document.ts'

/** A change as it is shown, without values that tell people apart. */
export function recordOf({ before, after, ...change }: KeptChange): ChangeRecord {
  return { ...change, before: shown(before), after: shown(after) }
}

function shown(state: KeptChange['before']): ChangeRecord['before'] {
  return typeof state === 'object' && state !== null ? listedPolicy(state) : state
}

/** The policy that a change is about, as it was or is; undefined where there was none, and of the switch. */
export function policyOf(state: KeptChange['before']): PolicyOptions | undefined {
  return typeof state === 'object' && state !== null ? state : undefined
}
