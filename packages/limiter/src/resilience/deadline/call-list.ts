/** A call that somebody waits for: it stands in one list at a time, and in none once it is over. */
export class PendingCall {
  readonly reject: (reason: unknown) => void
  list: CallList | null = null
  before: PendingCall | null = null
  after: PendingCall | null = null
  /** When it was sent. */
  sentAtUs = 0
  expiresAtUs = 0
  /** Whether it was given another deadline, since the process was stalled when the first one passed. */
  isExtended = false

  constructor(reject: (reason: unknown) => void) {
    this.reject = reject
  }

  /** Leaves its list; false when it was in none any more. */
  leave(): boolean {
    const { list } = this
    list?.remove(this)
    return list !== null
  }
}

/** Calls in the order they came. Those that are over leave at once, so it holds what is pending and no more. */
export class CallList {
  #first: PendingCall | null = null
  #last: PendingCall | null = null

  get first(): PendingCall | null {
    return this.#first
  }

  append(call: PendingCall): void {
    const before = this.#last
    call.list = this
    call.before = before
    call.after = null
    if (before === null) this.#first = call
    else before.after = call
    this.#last = call
  }

  remove(call: PendingCall): void {
    const { before, after } = call
    if (before === null) this.#first = after
    else before.after = after
    if (after === null) this.#last = before
    else after.before = before
    call.list = null
  }
}
