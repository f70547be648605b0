import type { Match, PolicyOptions } from 'headgate'
import type { LocatedMistake, Mistake, Path } from '../config-error.ts'

/** What a file of another system comes to in ours. */
export interface Converted {
  readonly policies: readonly ConvertedPolicy[]
  /** What passes before any policy is asked. */
  readonly allow: readonly Match[]
  /** What ours cannot say, and what to do. */
  readonly notes: readonly Mistake[]
}

/** A policy of ours, and where it comes from. */
export interface ConvertedPolicy {
  readonly policy: PolicyOptions
  readonly origin: Path
}

/** A conversion as a whole. */
export interface Conversion {
  /** A configuration of ours, as YAML. */
  readonly text: string
  readonly policies: number
  readonly notes: readonly LocatedMistake[]
  /** Files that are ours already. */
  readonly skipped: readonly string[]
}
