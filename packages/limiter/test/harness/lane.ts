/** One direction of a connection through a FaultProxy: bytes leave in their order, and slow readers slow down senders. */
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { slices, type Toxics } from './toxics.ts'

export interface LaneOptions {
  readonly from: Socket
  readonly to: Socket
  readonly toxics: Toxics
  /** Changes a chunk before it leaves; null ends the connection in its place. */
  readonly treat: (chunk: Buffer) => Buffer | null
}

/** A chunk, or how the sender ended. */
type Item = { readonly dueAt: number } & (
  | { readonly chunk: Buffer }
  | { readonly ended: 'gracefully' | 'abruptly' }
)

const MAX_WAITING_BYTES = 1 << 20
const TURNS_PER_SECOND = 50

export class Lane {
  readonly #options: LaneOptions
  readonly #waiting: Item[] = []
  readonly #stopped = new AbortController()
  #waitingBytes = 0
  #lastDueAt = 0
  #running = false

  constructor(options: LaneOptions) {
    this.#options = options
    const { from } = options
    from.on('data', (chunk) => this.#accept(chunk))
    from.once('end', () => this.#enqueue({ dueAt: this.#dueAt(), ended: 'gracefully' }))
    from.once('close', () => {
      if (!from.readableEnded) this.#enqueue({ dueAt: this.#dueAt(), ended: 'abruptly' })
    })
  }

  /** Forgets what waits; no timer is left behind. */
  stop(): void {
    this.#stopped.abort()
    this.#waiting.length = 0
  }

  #accept(chunk: Buffer): void {
    this.#waitingBytes += chunk.length
    if (this.#waitingBytes > MAX_WAITING_BYTES) this.#options.from.pause()
    this.#enqueue({ dueAt: this.#dueAt(), chunk })
  }

  /** Never before what came earlier, whatever the delay is now. */
  #dueAt(): number {
    const { delayMs, jitterMs } = this.#options.toxics
    this.#lastDueAt = Math.max(this.#lastDueAt, performance.now() + delayMs + jitterMs * Math.random())
    return this.#lastDueAt
  }

  #enqueue(item: Item): void {
    if (this.#stopped.signal.aborted) return
    this.#waiting.push(item)
    if (this.#running) return
    this.#running = true
    this.#run().catch(() => this.#options.to.destroy())
  }

  async #run(): Promise<void> {
    for (let item = this.#waiting.shift(); item !== undefined; item = this.#waiting.shift()) {
      await this.#sleep(item.dueAt - performance.now())
      await this.#options.toxics.passage()
      if (this.#stopped.signal.aborted) break
      if ('chunk' in item) await this.#pass(item.chunk)
      else this.#end(item.ended)
    }
    this.#running = false
  }

  async #pass(chunk: Buffer): Promise<void> {
    const { from, to, treat } = this.#options
    const treated = treat(chunk)
    this.#waitingBytes -= chunk.length
    if (from.isPaused() && this.#waitingBytes <= MAX_WAITING_BYTES) from.resume()
    if (treated === null) {
      to.destroy()
      from.destroy()
      return
    }
    for (const piece of this.#pieces(treated)) {
      await this.#throttle(piece)
      await this.#write(piece)
    }
  }

  #end(how: 'gracefully' | 'abruptly'): void {
    if (how === 'gracefully') this.#options.to.end()
    else this.#options.to.destroy()
  }

  #pieces(chunk: Buffer): Buffer[] {
    const { sliceBytes, bytesPerSecond } = this.#options.toxics
    if (sliceBytes !== null) return slices(chunk, sliceBytes)
    if (bytesPerSecond === null) return [chunk]
    const size = Math.max(1, Math.ceil(bytesPerSecond / TURNS_PER_SECOND))
    const count = Math.ceil(chunk.length / size)
    return Array.from({ length: count }, (_, index) => chunk.subarray(index * size, (index + 1) * size))
  }

  async #throttle(piece: Buffer): Promise<void> {
    const { sliceBytes, bytesPerSecond } = this.#options.toxics
    if (bytesPerSecond !== null) await this.#sleep((piece.length * 1000) / bytesPerSecond)
    // A turn of the event loop in between, or the system would join the pieces again.
    else if (sliceBytes !== null) await setImmediate()
    await this.#options.toxics.passage()
  }

  async #write(piece: Buffer): Promise<void> {
    const { to } = this.#options
    if (!to.writable || to.write(piece)) return
    const settled = new AbortController()
    const options = { signal: settled.signal }
    await Promise.race([once(to, 'drain', options), once(to, 'close', options)]).catch(() => {})
    settled.abort()
  }

  async #sleep(ms: number): Promise<void> {
    if (ms > 0) await setTimeout(ms, undefined, { signal: this.#stopped.signal })
  }
}
