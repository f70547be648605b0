import type { PolicyOptions } from 'headgate'
import type { CallOrigin } from '../events.ts'
import type { ListedPolicy } from '../policy-listing.ts'
import type { ChangeRecord } from './change-record.ts'

/**
 * What has to be there for a change to be made: one of these versions, any policy of this name (`any`), or none (`none`). Of
 * two who change the same version at the same time, one is refused with `conflict`.
 */
export type Expected = readonly string[] | 'any' | 'none'

/** Who changes something, and what is expected to be there. */
export interface ChangeRequest extends CallOrigin {
  readonly expected: Expected
  /**
   * Throws where whoever asks may not touch a policy as it is before the change, or after it, beside all others.
   * @default all may be touched
   */
  readonly check?:
    | ((name: string, policy: PolicyOptions | undefined, others: readonly PolicyOptions[]) => void)
    | undefined
}

/** What stands after a change. */
export interface Changed {
  readonly version: string
  /** The policy that was put or patched; null after any other change. */
  readonly policy: ListedPolicy | null
}

/**
 * Changes of policies while services run: kept in the store, and applied by all services that share it. They reject with
 * `conflict` where something else was changed meanwhile or a file governs, `invalid-config` for a policy that is wrong, and
 * `store-unavailable`.
 */
export interface PolicyEditor {
  /** That of the changes in force here. */
  readonly version: string
  put(name: string, policy: unknown, request: ChangeRequest): Promise<Changed>
  /** Changes what a merge patch (RFC 7396) names. */
  patch(name: string, patch: unknown, request: ChangeRequest): Promise<Changed>
  delete(name: string, request: ChangeRequest): Promise<Changed>
  /** Puts all policies in shadow, or ends that. */
  setShadow(on: boolean, request: ChangeRequest): Promise<Changed>
  /** The last changes, newest first, of which `shows` lets through those of a policy by how it was and is. */
  history(shows?: (change: PolicyVersions) => boolean): readonly ChangeRecord[]
}

/** A policy before and after a change; of the switch, null. */
export interface PolicyVersions {
  readonly name: string | null
  readonly before: PolicyOptions | undefined
  readonly after: PolicyOptions | undefined
}
