/** Values that are kept for a time, up to a number of them: the oldest goes first. */
export class ExpiringCache<T> {
  readonly #max: number
  readonly #entries = new Map<string, { readonly value: T; readonly untilMs: number }>()

  constructor(max: number) {
    this.#max = max
  }

  get(key: string, nowMs: number): T | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    if (nowMs < entry.untilMs) return entry.value
    this.#entries.delete(key)
    return undefined
  }

  set(key: string, value: T, untilMs: number): void {
    this.#entries.delete(key)
    const [oldest] = this.#entries.keys()
    if (this.#entries.size >= this.#max && oldest !== undefined) this.#entries.delete(oldest)
    this.#entries.set(key, { value, untilMs })
  }
}
