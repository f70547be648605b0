import { LEFT } from '../call-ends.ts'
import type { Intake } from './intake.ts'
import { MessageReader } from './message-reader.ts'
import type { NativeCall } from './native-call.ts'
import { CUT_OFF } from './one-message.ts'
import { WaitingOctets } from './waiting-octets.ts'

/**
 * The messages of a call that has many, one after the other. While one is worked at, the client may send no more than its window
 * holds: what has arrived is given back when there is nothing to work at.
 */
export class ManyMessages implements Intake {
  readonly call: NativeCall
  readonly #reader = new MessageReader((message) => this.#take(message))
  readonly #waiting = new WaitingOctets()
  #held = 0
  /** Whether nothing follows what waits. */
  #isWhole = false
  /** Why no more is read. */
  #failure: { readonly reason: unknown } | null = null
  #isBusy = false
  #next: PromiseWithResolvers<Buffer | null> | null = null

  constructor(call: NativeCall) {
    this.call = call
    call.stream.hold()
    call.onOver = () => {
      this.#waiting.clear()
      this.#failure ??= { reason: LEFT }
      this.#goOn()
    }
  }

  data(octets: Buffer, start: number, end: number): void {
    if (this.#failure !== null) return
    this.#held += end - start
    this.#waiting.add(octets, start, end)
    this.#goOn()
  }

  end(): void {
    this.#isWhole = true
    this.#goOn()
  }

  /** The next message, when that before it was answered; null after the last one. */
  next(): Promise<Buffer | null> {
    this.#isBusy = false
    this.#next = Promise.withResolvers<Buffer | null>()
    const { promise } = this.#next
    this.#goOn()
    return promise
  }

  #take(message: Buffer): void {
    this.call.arrived()
    this.#isBusy = true
    this.#next?.resolve(Buffer.from(message))
    this.#next = null
  }

  #goOn(): void {
    if (this.#next !== null) this.#readOn()
    if (this.#isBusy || !this.#waiting.isEmpty) return
    this.call.stream.release(this.#held)
    this.#held = 0
  }

  /** Reads no further than the message that is waited for. */
  #readOn(): void {
    try {
      if (!this.#waiting.isEmpty) this.#waiting.read(this.#readOne)
    } catch (reason) {
      this.#failure ??= { reason }
    }
    if (this.#next === null) return
    if (this.#failure !== null) this.#next.reject(this.#failure.reason)
    else if (!this.#isWhole) return
    else if (this.#reader.isBetween) this.#next.resolve(null)
    else this.#next.reject(CUT_OFF)
    this.#next = null
  }

  readonly #readOne = (octets: Buffer, start: number, end: number): number =>
    this.#reader.readOne(octets, start, end)
}
