import type { RecordPlan } from '../service/record/record-plan.ts'
import type { RecordedPart } from '../service/record/recorded-part.ts'

/** What the coordinator asks workers of what they record. */
export type RecordingAsks = {
  /** What it has recorded since it was asked before; null where it does not know of this recording. */
  readonly recorded: (recording: number) => RecordedPart | null
}

/** What the coordinator tells workers. */
export type RecordingTells = {
  /** All recordings that run, by their numbers. */
  readonly recordings: ReadonlyMap<number, RecordPlan>
}
