import { type Clock, HeadgateError } from 'headgate'
import type { Link } from './link.ts'

/** A thread that is ended once it answers nothing any more. */
export interface AskedThread {
  readonly link: Pick<Link<never, never>, 'answered' | 'isOverdue'>
  readonly ended: Promise<unknown>
  terminate(reason: Error): Promise<void>
}

interface Silence {
  /** How many questions the thread had answered when it was looked at last. */
  readonly answered: number
  /** How often in a row it was found silent. */
  readonly seconds: number
}

const SECOND_MS = 1000
const SILENT_SECONDS_MAX = 10
/** A timer of this thread that is later says that it did not run itself: answers may have come meanwhile that it has not read. */
const LATE_MAX_MS = 1000

/**
 * Ends threads that hang: that have answered no question for 10 s, while one is past its deadline. Only seconds count in which this
 * thread runs itself: after a suspend, or SIGSTOP, the count begins anew.
 */
export class SilentThreads {
  readonly #clock: Clock
  readonly #silences = new Map<AskedThread, Silence>()
  #lookedAt = 0
  #cancel = (): void => {}

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Watches a thread to its end. */
  add(thread: AskedThread): void {
    if (this.#silences.size === 0) this.#lookLater()
    this.#silences.set(thread, { answered: thread.link.answered, seconds: 0 })
    void thread.ended.then(() => this.#remove(thread))
  }

  #remove(thread: AskedThread): void {
    this.#silences.delete(thread)
    if (this.#silences.size === 0) this.#cancel()
  }

  #lookLater(): void {
    this.#lookedAt = this.#clock.now()
    this.#cancel = this.#clock.after(SECOND_MS, () => this.#look())
  }

  #look(): void {
    const lateMs = (this.#clock.now() - this.#lookedAt) / 1000 - SECOND_MS
    this.#lookLater()
    for (const [thread, { answered: before, seconds: silent }] of this.#silences) {
      const { answered, isOverdue } = thread.link
      const isSilent = isOverdue && answered === before && lateMs <= LATE_MAX_MS
      const seconds = isSilent ? silent + 1 : 0
      this.#silences.set(thread, { answered, seconds })
      if (seconds === SILENT_SECONDS_MAX) void thread.terminate(hangs())
    }
  }
}

function hangs(): HeadgateError {
  return new HeadgateError('internal', `it did not answer for ${SILENT_SECONDS_MAX} s`)
}
