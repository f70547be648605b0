/** A pending call. It is in one list at a time, and in none once it has settled. */
export class PendingCall {
  readonly reject: (reason: unknown) => void
  list: CallList | null = null
  previous: PendingCall | null = null
  next: PendingCall | null = null
  sentAtUs = 0
  expiresAtUs = 0
  /** Whether its deadline was extended once, because the process was stalled when the first one passed. */
  isExtended = false

  constructor(reject: (reason: unknown) => void) {
    this.reject = reject
  }

  /** Removes the call from its list; false if it was in none. */
  leave(): boolean {
    const { list } = this
    list?.remove(this)
    return list !== null
  }
}

/** A linked list of pending calls in order of arrival; a call that settles is removed in constant time. */
export class CallList {
  #first: PendingCall | null = null
  #last: PendingCall | null = null

  get first(): PendingCall | null {
    return this.#first
  }

  append(call: PendingCall): void {
    const previous = this.#last
    call.list = this
    call.previous = previous
    call.next = null
    if (previous === null) this.#first = call
    else previous.next = call
    this.#last = call
  }

  remove(call: PendingCall): void {
    const { previous, next } = call
    if (previous === null) this.#first = next
    else previous.next = next
    if (next === null) this.#last = previous
    else next.previous = previous
    call.list = null
  }
}
