import { STALL_MS } from './limits.ts'

/** Calls back where what has begun is not done in time. Whoever goes on a little at a time gains nothing by it. */
export class StallTimer {
  readonly #onStall: () => void
  #timer: NodeJS.Timeout | null = null

  constructor(onStall: () => void) {
    this.#onStall = onStall
  }

  /** It has begun; without effect where that is known. */
  start(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null
      this.#onStall()
    }, STALL_MS).unref()
  }

  get isRunning(): boolean {
    return this.#timer !== null
  }

  /** It is done. */
  stop(): void {
    if (this.#timer === null) return
    clearTimeout(this.#timer)
    this.#timer = null
  }
}
