import { LEFT } from '../call-ends.ts'
import type { Intake } from './intake.ts'
import { MessageReader } from './message-reader.ts'
import type { NativeCall } from './native-call.ts'
import { CUT_OFF } from './one-message.ts'

/**
 * The messages of a call that has many, one after the other. While one is worked at, the client may send no more than its window
 * holds: what has arrived is given back when there is nothing to work at.
 */
export class ManyMessages implements Intake {
  readonly call: NativeCall
  readonly #reader = new MessageReader((message) => this.#take(message))
  readonly #messages: Buffer[] = []
  #held = 0
  /** How it ends after these messages: by the end of the call (null), or an error. */
  #end: { readonly reason: unknown } | null = null
  #isBusy = false
  #settle: (() => void) | null = null

  constructor(call: NativeCall) {
    this.call = call
    call.stream.hold()
    call.onOver = () => {
      this.#messages.length = 0
      this.#endWith(LEFT)
    }
  }

  data(octets: Buffer, start: number, end: number): void {
    if (this.#end !== null) return
    this.#held += end - start
    try {
      this.#reader.read(octets, start, end)
    } catch (reason) {
      this.#endWith(reason)
    }
    this.#goOn()
  }

  end(): void {
    this.#endWith(this.#reader.isBetween ? null : CUT_OFF)
  }

  /** The next message, when that before it was answered; null after the last one. */
  next(): Promise<Buffer | null> {
    this.#isBusy = false
    return new Promise((resolve, reject) => {
      this.#settle = () => {
        const message = this.#messages.shift()
        if (message !== undefined) {
          this.#isBusy = true
          resolve(message)
        } else if (this.#end?.reason === null) resolve(null)
        else reject(this.#end?.reason)
      }
      this.#goOn()
    })
  }

  #take(message: Buffer): void {
    this.call.arrived()
    this.#messages.push(Buffer.from(message))
  }

  #endWith(reason: unknown): void {
    this.#end ??= { reason }
    this.#goOn()
  }

  #goOn(): void {
    const settle = this.#settle
    if (settle !== null && (this.#messages.length > 0 || this.#end !== null)) {
      this.#settle = null
      settle()
    }
    if (this.#isBusy || this.#messages.length > 0) return
    this.call.stream.release(this.#held)
    this.#held = 0
  }
}
