import { GapCounts, type Lost, lostSentences } from '../../service/record/gap-counts.ts'
import { printable } from '../remote/printable.ts'
import { isRequestLine, readRecordedLine } from './read-line.ts'

/** Counts what a recorded log has, and what it lacks. */
export class RecordTally {
  requests = 0
  bytes = 0
  readonly #gaps = new GapCounts()
  #ended: string | null = null

  /** Counts a line, without its end. */
  add(line: string): void {
    this.bytes += Buffer.byteLength(line) + 1
    if (isRequestLine(line)) {
      this.requests++
      return
    }
    const read = readRecordedLine(line)
    if (read?.kind === 'gap') this.#gaps.add(read.gap.why, read.gap.lost)
    if (read?.kind === 'end') this.#ended = read.end.ended
  }

  /** Why the service has ended it; null where it has not. */
  get ended(): string | null {
    return this.#ended
  }

  get lost(): Lost {
    return this.#gaps.lost
  }

  /** For people. */
  lines(): string[] {
    const bytes = this.bytes.toLocaleString('en')
    return [
      `${this.requests.toLocaleString('en')} requests in ${bytes} bytes of lines`,
      ...lostSentences(this.lost),
      ...(this.#ended === null ? [] : [`the service ended it: ${printable(this.#ended)}`]),
    ]
  }
}
