import { isMainThread } from 'node:worker_threads'

/**
 * How many passwords are hashed at once. libuv has four threads for all of a process, which names of hosts are looked up on as well: of
 * several workers each hashes one at a time.
 */
const RUNNING_MAX = isMainThread ? 2 : 1
const WAITING_MAX = 64

/** Runs at most two tasks at once, in a worker thread one, in their order, while at most 64 wait. */
export class HashQueue {
  readonly #waiting: (() => void)[] = []
  #running = 0

  /** Null where too many wait: nothing is run then. */
  run<T>(task: () => Promise<T>): Promise<T> | null {
    if (this.#running < RUNNING_MAX) return this.#start(task)
    if (this.#waiting.length >= WAITING_MAX) return null
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.push(resolve)
    return promise.then(() => task()).finally(() => this.#next())
  }

  #start<T>(task: () => Promise<T>): Promise<T> {
    this.#running++
    return task().finally(() => this.#next())
  }

  /** Whoever waits takes the place of what has ended. */
  #next(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#running--
    else next()
  }
}
