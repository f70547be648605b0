import { closeSync, openSync, writeSync } from 'node:fs'
import { causeOf, type LineOutput, LostLines, linesIn, type OnRestored } from './line-output.ts'

/** Only its owner reads it: it says who did what. */
const MODE = 0o600
const LINE_END = '\n'
const LINE_END_CODE = 0x0a

/** A file, a terminal or a device: each line is written at once, so that none is lost when the process ends. */
export class FileOutput implements LineOutput {
  readonly #lost: LostLines
  readonly #path: string | null
  #fd: number | null
  /** Whether the last write ended within a line, as on a disk that is full. */
  #isTorn = false

  /** Writes to what is open already, or appends to the file at a path, which is created where there is none. */
  constructor(target: number | string, onRestored: OnRestored) {
    this.#lost = new LostLines(onRestored)
    this.#path = typeof target === 'string' ? target : null
    this.#fd = typeof target === 'number' ? target : null
  }

  get lost(): number {
    return this.#lost.total
  }

  /** Why the last line was lost that was: a code such as `ENOENT`. */
  get why(): string {
    return this.#lost.why
  }

  write(lines: string): void {
    const bytes = Buffer.from(lines)
    let from = 0
    try {
      this.#fd ??= openSync(this.#path as string, 'a', MODE)
      if (this.#isTorn) writeSync(this.#fd, LINE_END)
      this.#isTorn = false
      while (from < bytes.length) {
        from += writeSync(this.#fd, bytes, from)
        this.#isTorn = bytes[from - 1] !== LINE_END_CODE
      }
    } catch (reason) {
      this.#lost.add(causeOf(reason), linesIn(bytes.toString('latin1', from)))
      return
    }
    this.#lost.written()
  }

  /** Opens the file at its path again by the next line: the one that was open may have been moved away. */
  reopen(): void {
    if (this.#path === null || this.#fd === null) return
    try {
      closeSync(this.#fd)
    } catch {
      // What could not be written was told by the write.
    }
    this.#fd = null
    this.#isTorn = false
  }

  async close(): Promise<void> {
    this.reopen()
  }
}
