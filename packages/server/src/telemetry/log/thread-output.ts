import { type LineOutput, LostLines, linesIn, type OnRestored } from './line-output.ts'

/** What waits for the thread that writes: some hundred lines. More than that is lost. */
const WAITING_CHARACTERS_MAX = 256 * 1024

/** How lines get to the thread that writes them. */
export interface LineChannel {
  readonly send: (lines: string) => void
  /** Memory of both threads: how many characters were sent and are not written yet, at `index`. */
  readonly waiting: Int32Array
  readonly index: number
}

/** Lines of a thread that another one writes. Never waits for that one: what it has no time for is lost. */
export class ThreadOutput implements LineOutput {
  readonly #channel: LineChannel
  readonly #lost: LostLines

  constructor(channel: LineChannel, onRestored: OnRestored) {
    this.#channel = channel
    this.#lost = new LostLines(onRestored)
  }

  get lost(): number {
    return this.#lost.total
  }

  write(lines: string): void {
    const { send, waiting, index } = this.#channel
    if (Atomics.load(waiting, index) + lines.length > WAITING_CHARACTERS_MAX) {
      this.#lost.add('slow main thread', linesIn(lines))
      return
    }
    Atomics.add(waiting, index, lines.length)
    send(lines)
    this.#lost.written()
  }

  /** What was sent is written by the other thread. */
  async close(): Promise<void> {}
}

/** Says that what a thread sent is written, or that those of a thread that has ended need not be waited for. */
export function lineWritten(waiting: Int32Array, index: number, lines: string | null): void {
  if (lines === null) Atomics.store(waiting, index, 0)
  else Atomics.sub(waiting, index, lines.length)
}
