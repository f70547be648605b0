import type { GapReason } from '../../service/record/record-format.ts'
import { printable } from '../remote/printable.ts'
import { isRequestLine, readRecordedLine } from './read-line.ts'

const REASONS: Readonly<Record<GapReason, string>> = {
  'slow-reader': 'came faster than they were read',
  'no-attribute': 'lack the attribute that is drawn',
  'own-limit': 'brought a limit of their own',
  reservation: 'are more of a reservation',
  'too-large': 'have more attributes than a line takes',
}

/** Counts what a recorded log has, and what it lacks. */
export class RecordTally {
  requests = 0
  bytes = 0
  readonly #lost = new Map<GapReason, number>()
  #ended: string | null = null

  /** Counts a line, without its end. */
  add(line: string): void {
    this.bytes += Buffer.byteLength(line) + 1
    if (isRequestLine(line)) {
      this.requests++
      return
    }
    const read = readRecordedLine(line)
    if (read?.kind === 'gap')
      this.#lost.set(read.gap.why, (this.#lost.get(read.gap.why) ?? 0) + read.gap.lost)
    if (read?.kind === 'end') this.#ended = read.end.ended
  }

  /** Why the service has ended it; null where it has not. */
  get ended(): string | null {
    return this.#ended
  }

  get lost(): Readonly<Partial<Record<GapReason, number>>> {
    return Object.fromEntries(this.#lost)
  }

  /** For people. */
  lines(): string[] {
    const lost = Array.from(this.#lost, ([why, count]) => {
      return `not there: ${count.toLocaleString('en')}, which ${REASONS[why] ?? printable(why)}`
    })
    const bytes = this.bytes.toLocaleString('en')
    return [
      `${this.requests.toLocaleString('en')} requests in ${bytes} bytes of lines`,
      ...lost,
      ...(this.#ended === null ? [] : [`the service ended it: ${printable(this.#ended)}`]),
    ]
  }
}
