/** Most events of a kind that are told in a second. */
const EVENTS_MAX = 20
/** Of these less: one says as much as many. */
const FEWER: Readonly<Record<string, number>> = { degraded: 1 }

/** Lets few events of each kind through in a second, and counts the rest. */
export class EventBudget {
  readonly #told = new Map<string, number>()
  #omitted: Record<string, number> = {}

  /** Whether one more of this kind may be told; counts it as omitted where not. */
  take(kind: string): boolean {
    const told = this.#told.get(kind) ?? 0
    if (told >= (FEWER[kind] ?? EVENTS_MAX)) {
      this.omit(kind, 1)
      return false
    }
    this.#told.set(kind, told + 1)
    return true
  }

  /** Counts some as omitted, elsewhere. */
  omit(kind: string, count: number): void {
    this.#omitted[kind] = (this.#omitted[kind] ?? 0) + count
  }

  /** A second has passed: answers how many of each kind were omitted in it. */
  renew(): Readonly<Record<string, number>> {
    const omitted = this.#omitted
    this.#told.clear()
    this.#omitted = {}
    return omitted
  }
}
