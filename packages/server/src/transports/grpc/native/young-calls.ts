import type { NativeCall } from './native-call.ts'

/** Calls that have just begun. Most are over before anything else happens: only those that are not get timers. */
export class YoungCalls {
  #calls: NativeCall[] = []

  add(call: NativeCall): void {
    if (this.#calls.length === 0) setImmediate(() => this.#startTimers())
    this.#calls.push(call)
  }

  #startTimers(): void {
    const calls = this.#calls
    this.#calls = []
    for (const call of calls) if (!call.isOver) call.startTimers()
  }
}
