import { GapCounts } from '../../service/record/gap-counts.ts'

/** A line that cannot be read. */
export interface UnreadableLine {
  readonly file: string
  /** From 1. */
  readonly line: number
  readonly message: string
}

const EXAMPLES_KEPT = 5

/** What was read of logs. */
export class ReadCounts {
  /** Lines with something in them. */
  lines = 0
  unreadable = 0
  /** The first of them. */
  readonly examples: UnreadableLine[] = []
  /** Requests that recordings say they lack. */
  readonly gaps = new GapCounts()

  addUnreadable(line: UnreadableLine): void {
    this.unreadable++
    if (this.examples.length < EXAMPLES_KEPT) this.examples.push(line)
  }
}
