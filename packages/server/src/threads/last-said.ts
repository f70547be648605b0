/** What each of several threads said last, and what stays of those that have ended: what was counted never becomes less. */
export class LastSaid<T, P> {
  readonly #merge: (parts: readonly [P, ...P[]]) => P
  readonly #said = new Map<T, P | null>()
  #rest: P | null = null

  /** `merge` makes one part of what threads said that have ended. */
  constructor(merge: (parts: readonly [P, ...P[]]) => P) {
    this.#merge = merge
  }

  /** Those that run. */
  get threads(): readonly T[] {
    return [...this.#said.keys()]
  }

  /** What is known of every thread, and of all that have ended. */
  get parts(): readonly P[] {
    return [...this.#said.values(), this.#rest].filter((part) => part !== null)
  }

  begin(thread: T): void {
    this.#said.set(thread, null)
  }

  /** Keeps what a thread says. One that has ended is counted already. */
  say(thread: T, part: P): void {
    if (this.#said.has(thread)) this.#said.set(thread, part)
  }

  /** Answers whether it was there. */
  end(thread: T): boolean {
    const last = this.#said.get(thread) ?? null
    if (last !== null) this.#rest = this.#merge(this.#rest === null ? [last] : [this.#rest, last])
    return this.#said.delete(thread)
  }

  /** Changes what is kept of those that have ended. */
  forget(change: (part: P) => P): void {
    if (this.#rest !== null) this.#rest = change(this.#rest)
  }
}
