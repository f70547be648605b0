/** Where lines go. Writing never blocks for long and never throws: what cannot be written is lost, and counted. */
export interface LineOutput {
  /** Writes a line, or several, each with its end. */
  write(lines: string): void
  /** How many lines are lost, in all. */
  readonly lost: number
  /** Writes what is still to be written, for a second at most. */
  close(): Promise<void>
}

/** Hears, once lines can be written again, how many were lost since that was last so, and why. */
export type OnRestored = (lost: number, why: string) => void

/** Counts the lines that an output loses, and tells of them once it writes again. */
export class LostLines {
  readonly #onRestored: OnRestored
  #total = 0
  #untold = 0
  #why = ''

  constructor(onRestored: OnRestored) {
    this.#onRestored = onRestored
  }

  get total(): number {
    return this.#total
  }

  /** Of the last one. */
  get why(): string {
    return this.#why
  }

  /** So many lines were lost. */
  add(why: string, lines: number): void {
    this.#total += lines
    this.#untold += lines
    this.#why = why
  }

  /** Something was written. */
  written(): void {
    if (this.#untold === 0) return
    const untold = this.#untold
    // Before it is told: that writes a line as well.
    this.#untold = 0
    this.#onRestored(untold, this.#why)
  }
}

/** How many lines end in a text. */
export function linesIn(text: string): number {
  let count = 0
  for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', end + 1)) count++
  return count
}

/** What went wrong with a write: a code such as `ENOSPC`. */
export function causeOf(reason: unknown): string {
  return reason instanceof Error && 'code' in reason ? String(reason.code) : 'failed'
}
