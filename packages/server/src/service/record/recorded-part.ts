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
  /** What a header says of them; absent where it is as of the segment before. */
  readonly header?: Pick<RecordHeader, 'hashed' | 'questions'>
  /** Lines without their end, and when each was decided, in milliseconds since 1970. */
  readonly lines: readonly string[]
  readonly times: readonly number[]
}
