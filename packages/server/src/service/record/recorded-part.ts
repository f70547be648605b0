import type { GapReason, RecordHeader } from './record-format.ts'

/** What one thread has recorded since it was asked before: plain data. */
export interface RecordedPart {
  /** One after another. */
  readonly segments: readonly RecordedSegment[]
  /** How many are missing, by the reason. */
  readonly gaps: ReadonlyMap<GapReason, number>
}

/** Requests under one configuration. */
export interface RecordedSegment {
  /** Of the configuration. */
  readonly hash: string
  /** What it asks of attributes that are hashed; absent where that was said before. */
  readonly questions?: RecordHeader['questions']
  /** Lines without their end, and when each was decided, in milliseconds since 1970. */
  readonly lines: readonly string[]
  readonly times: readonly number[]
}
