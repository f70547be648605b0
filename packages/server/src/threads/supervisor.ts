import { type Clock, HeadgateError } from 'headgate'

/** A thread that is kept alive. */
export interface SupervisedThread {
  /** Resolves once it serves; rejects where it ends before. */
  readonly serves: Promise<void>
  /** Resolves with the reason when it has ended, however it did. */
  readonly ended: Promise<Error>
  /** Ends it at once. */
  terminate(): Promise<void>
}

/** What is kept alive, and who hears of it. */
export interface SupervisorOptions<T extends SupervisedThread> {
  /** How many threads. */
  readonly count: number
  readonly clock: Clock
  /** Starts a thread: the first is 1. One that takes the place of another has its number. Throws where the system has no room for it. */
  readonly spawn: (worker: number) => T
  /** A thread serves in place of one that ended. */
  readonly onReplaced: (worker: number) => void
  /** A thread ended that nobody told to, or could not be started in place of another; one is started after `delayMs`. */
  readonly onEnded: (worker: number, reason: Error, delayMs: number) => void
}

/** A crash loop must not take the processors from those who serve. */
const DELAY_MS = 100
const DELAY_MAX_MS = 5000
/** Whoever served that long did not crash because of how it was started. */
const PROVEN_MS = 10_000

/** Keeps a number of threads alive: one that ends is replaced, later and later where that happens again and again. */
export class Supervisor<T extends SupervisedThread> {
  readonly #options: SupervisorOptions<T>
  readonly #threads = new Map<number, T>()
  readonly #serving = new Set<T>()
  /** How often in a row the thread of a number ended early. */
  readonly #failures = new Map<number, number>()
  readonly #cancels = new Map<number, () => void>()
  #restarts = 0
  #hasStarted = false
  #isStopped = false

  constructor(options: SupervisorOptions<T>) {
    this.#options = options
  }

  /** Threads that live, whether they serve yet or not. */
  get threads(): readonly T[] {
    return [...this.#threads.values()]
  }

  /** How many serve. */
  get serving(): number {
    return this.#serving.size
  }

  /** How many threads were started in place of others. */
  get restarts(): number {
    return this.#restarts
  }

  /**
   * Resolves once all serve, or it is stopped: first one by itself, so that the others learn of it where it listens. One that cannot ends
   * them all.
   */
  async start(): Promise<void> {
    const { count } = this.#options
    try {
      await this.#beginFirst(1)
      await Promise.all(Array.from({ length: count - 1 }, (_, i) => this.#beginFirst(i + 2)))
      this.#hasStarted = true
    } catch (reason) {
      // Whoever stops it lets those that serve finish.
      if (this.#isStopped) return
      await this.terminate()
      throw reason
    }
  }

  /** Stops unless all that are to serve have begun once. */
  giveUpStart(): void {
    if (!this.#hasStarted) this.stop()
  }

  /** Replaces nobody from now on; whoever does not serve yet is ended. */
  stop(): void {
    this.#isStopped = true
    for (const cancel of this.#cancels.values()) cancel()
    for (const thread of this.threads) if (!this.#serving.has(thread)) void thread.terminate()
  }

  /** Ends all threads. */
  async terminate(): Promise<void> {
    this.stop()
    await Promise.all(this.threads.map((thread) => thread.terminate()))
  }

  async #beginFirst(worker: number): Promise<void> {
    if (this.#isStopped) return
    const thread = this.#begin(worker)
    await thread.serves
    this.#keep(worker, thread)
  }

  #begin(worker: number): T {
    const thread = this.#options.spawn(worker)
    this.#threads.set(worker, thread)
    thread.serves.then(
      () => this.#serving.add(thread),
      () => {},
    )
    void thread.ended.then(() => {
      this.#serving.delete(thread)
      if (this.#threads.get(worker) === thread) this.#threads.delete(worker)
    })
    return thread
  }

  #keep(worker: number, thread: T): void {
    const { clock } = this.#options
    const since = clock.now()
    void thread.ended.then((reason) => this.#replaceLater(worker, reason, (clock.now() - since) / 1000))
  }

  #replaceLater(worker: number, reason: Error, livedMs: number): void {
    if (this.#isStopped) return
    const { clock, onEnded } = this.#options
    const failures = livedMs >= PROVEN_MS ? 0 : (this.#failures.get(worker) ?? 0)
    this.#failures.set(worker, failures + 1)
    const delayMs = Math.min(DELAY_MAX_MS, DELAY_MS * 2 ** failures)
    onEnded(worker, reason, delayMs)
    this.#cancels.set(
      worker,
      clock.after(delayMs, () => this.#replace(worker)),
    )
  }

  #replace(worker: number): void {
    this.#cancels.delete(worker)
    let thread: T
    try {
      thread = this.#begin(worker)
    } catch (reason) {
      // The system may have no room for another thread now.
      this.#replaceLater(worker, HeadgateError.from(reason), 0)
      return
    }
    this.#restarts++
    thread.serves.then(
      () => this.#options.onReplaced(worker),
      () => {},
    )
    this.#keep(worker, thread)
  }
}
