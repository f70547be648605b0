import type { Clock } from 'headgate'

/** How often it is looked whether a file stands still. */
const LOOK_MS = 50
/** A file that never stands still is read all the same. */
const WAIT_MAX_US = 1_000_000

/** What is waited for. */
export interface SettleOptions {
  readonly clock: Clock
  /** What the file looks like now; never rejects. */
  readonly look: () => Promise<string>
  /** Called once a file that was touched has stood still, or has been changing for a second. */
  readonly onSettled: () => void
}

/** Waits until a file stands still, for 50 to 100 ms, so that half of what is being written is not read. */
export class Settle {
  readonly #options: SettleOptions
  #touched = false
  #seen = ''
  /** When the first of the changes came that are waited out; null while there is none. */
  #since: number | null = null
  #cancel: () => void = () => {}
  #closed = false

  constructor(options: SettleOptions) {
    this.#options = options
  }

  /** The file may have changed. */
  touch(): void {
    if (this.#closed) return
    this.#touched = true
    if (this.#since !== null) return
    this.#since = this.#options.clock.now()
    this.#lookLater()
  }

  close(): void {
    this.#closed = true
    this.#cancel()
  }

  #lookLater(): void {
    this.#cancel = this.#options.clock.after(LOOK_MS, () => void this.#look())
  }

  async #look(): Promise<void> {
    const { clock, look, onSettled } = this.#options
    const wasTouched = this.#touched
    this.#touched = false
    const seen = await look()
    if (this.#closed) return
    const isStill = !wasTouched && seen === this.#seen
    const waitedUs = clock.now() - (this.#since ?? 0)
    this.#seen = seen
    if (!isStill && waitedUs < WAIT_MAX_US) return this.#lookLater()
    this.#since = null
    onSettled()
    // Touched while it was looked at: nobody else comes back for that.
    if (this.#touched) this.touch()
  }
}
