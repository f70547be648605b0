import type { ListedPolicy } from '../policy-listing.ts'

/** What is done to policies at run time, and to the switch that puts all of them in shadow. */
export type ChangeAction = 'put' | 'patch' | 'delete' | 'shadow'

/** A change as it is kept and shown, without values by which policies tell people apart. */
export interface ChangeRecord {
  /** That of which it is the last change. */
  readonly version: string
  /** When, in milliseconds since 1970, by the clock of the process that made it. */
  readonly at: number
  /** Name of the token that it came with; null where none was needed. */
  readonly actor: string | null
  readonly transport: string
  readonly action: ChangeAction
  /** Of the policy; null for the switch. */
  readonly name: string | null
  /** The policy, or whether the switch was on; null where there was none. */
  readonly before: ListedPolicy | boolean | null
  readonly after: ListedPolicy | boolean | null
}
