import type { RecordSample } from './record-format.ts'

/** What is recorded, and how it is hidden. Plain data, the same for all threads. */
export interface RecordOptions {
  /** Null: all requests. */
  readonly sample: RecordSample | null
  /** Attributes to hash, beside those that always are. */
  readonly hash: readonly string[]
  /** What values are hashed and drawn with: who has it can find out whether a value that they guess is there. */
  readonly seed: string
}

/** Shortest seed that nobody tries out. */
export const SEED_LENGTH_MIN = 16
