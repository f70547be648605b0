import { closeSync, openSync, writeSync } from 'node:fs'
import { causeOf, type LineOutput, LostLines, type OnRestored } from './line-output.ts'

/** Only its owner reads it: it says who did what. */
const MODE = 0o600
const LINE_END = '\n'

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

  write(line: string): void {
    try {
      this.#fd ??= openSync(this.#path as string, 'a', MODE)
      this.#writeAll(this.#fd, Buffer.from(this.#isTorn ? LINE_END + line : line))
    } catch (reason) {
      this.#lost.add(causeOf(reason))
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

  #writeAll(fd: number, bytes: Buffer): void {
    let from = 0
    while (from < bytes.length) {
      from += writeSync(fd, bytes, from)
      this.#isTorn = from < bytes.length
    }
  }
}
