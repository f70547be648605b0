import type { GapReason, RecordSample } from './record-format.ts'

/** Somebody began to record requests, or has ended. */
export interface RecordingTold {
  readonly action: 'start' | 'end'
  /** Null: all requests. */
  readonly sample: RecordSample | null
  /** Attributes that are hashed beside those that always are. */
  readonly hash: readonly string[]
  /** At its end: how many requests were given out. */
  readonly requests?: number
  /** At its end: how many were not, by the reason. */
  readonly lost?: Readonly<Partial<Record<GapReason, number>>>
  /** At its end: why, in a sentence; null where the reader has left. */
  readonly why?: string | null
}
