/** Most events of a kind that are told in a second. */
const EVENTS_MAX = 20

/** Lets few events of each kind through in a second, and counts the rest. */
export class EventBudget {
  readonly #told = new Map<string, number>()
  #omitted: Record<string, number> = {}

  /** Whether one more of this kind may be told; counts it as omitted where not. */
  take(kind: string, max: number = EVENTS_MAX): boolean {
    const told = this.#told.get(kind) ?? 0
    if (told >= max) {
      this.#omitted[kind] = (this.#omitted[kind] ?? 0) + 1
      return false
    }
    this.#told.set(kind, told + 1)
    return true
  }

  /** A second has passed: answers how many of each kind were omitted in it. */
  renew(): Readonly<Record<string, number>> {
    const omitted = this.#omitted
    this.#told.clear()
    this.#omitted = {}
    return omitted
  }
}
