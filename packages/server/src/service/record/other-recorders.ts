import type { RecordPlan } from './record-plan.ts'
import type { RecordedPart } from './recorded-part.ts'

/** What other threads of a process record. A thread that does not answer in time is asked again; what it has stays there, in bounds. */
export interface OtherRecorders {
  /** Begins in all threads, and in those that begin later; `recording` names it from then on. */
  begin(recording: number, plan: RecordPlan): void
  /** What each has recorded since. */
  take(recording: number): Promise<readonly RecordedPart[]>
  end(recording: number): void
}

/** Of a process of one thread. */
export const NO_RECORDERS: OtherRecorders = {
  begin: () => {},
  take: async () => [],
  end: () => {},
}
