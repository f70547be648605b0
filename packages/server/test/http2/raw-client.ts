import type { Duplex } from 'node:stream'
import { described, FrameLog, type Received } from './frame-log.ts'
import { ACK, FRAME, PREFACE, ping, type Setting, settings, settingsAck } from './octets.ts'

/** A client that sends octets as a test gives them. Of itself it answers nothing but SETTINGS. */
export class RawClient extends FrameLog {
  readonly socket: Duplex
  #fences = 0
  #wake = (): void => {}
  /** Whether the server has ended its side, or the connection is gone. */
  hasEnded = false

  constructor(socket: Duplex) {
    super()
    this.socket = socket
    socket.on('data', (chunk: Buffer) => this.#onData(chunk))
    // A server that ends a connection may do so with a reset: that it has ended is what counts.
    socket.on('error', () => {})
    for (const event of ['end', 'close']) socket.on(event, () => this.#onEnd())
  }

  /** Says what every client says first. */
  greet(...given: readonly Setting[]): void {
    this.send(PREFACE, settings(...given))
  }

  send(...octets: readonly Buffer[]): void {
    if (!this.socket.destroyed) this.socket.write(Buffer.concat(octets))
  }

  /** Resolves once what was sent before has been read and answered: true where the connection still lives. */
  async settled(): Promise<boolean> {
    const text = `fence${String(this.#fences++).padStart(3, '0')}`
    this.send(ping(text))
    const isAnswer = ({ type, flags, payload }: Received): boolean =>
      type === FRAME.PING && flags === ACK && payload.toString('latin1') === text
    await this.until(() => this.frames.some(isAnswer) || this.hasEnded)
    return this.frames.some(isAnswer)
  }

  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      if (this.hasEnded) throw new Error(`the connection has ended; there came ${described(this.frames)}`)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  async ended(): Promise<void> {
    await this.until(() => this.hasEnded)
  }

  [Symbol.dispose](): void {
    this.socket.destroy()
  }

  #onEnd(): void {
    this.hasEnded = true
    this.#wake()
  }

  #onData(chunk: Buffer): void {
    for (const { type, flags } of this.read(chunk))
      if (type === FRAME.SETTINGS && (flags & ACK) === 0) this.send(settingsAck)
    this.#wake()
  }
}
