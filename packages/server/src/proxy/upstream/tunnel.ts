import type { Duplex } from 'node:stream'
import type { Deadlines, Watched } from './deadlines.ts'

/** What a tunnel connects. */
export interface TunnelEnds {
  readonly client: Duplex
  /** What the client sent after its head. */
  readonly clientHead: Buffer
  /** Has what it sent after its head itself. */
  readonly upstream: Duplex
  /** Called once, after both are closed. */
  readonly onEnd: (end: TunnelEnd) => void
}

/** What is connected, and for how long. */
export interface TunnelOptions extends TunnelEnds {
  readonly deadlines: Deadlines
  /** After so many milliseconds without an octet either way it ends; 0: never. */
  readonly idleMs: number
}

/** What became of a tunnel. */
export interface TunnelEnd {
  /** `closed`: both ends had said that they would send no more; `broken`: one was closed without that, or by `destroy`. */
  readonly why: 'closed' | 'broken' | 'idle'
  readonly bytesToUpstream: number
  readonly bytesToClient: number
}

/**
 * Passes octets between two connections, whatever they mean, no faster than the slower end takes them. An end that sends no more is
 * told to the other one, which may go on; once one is closed, so is the other.
 */
export class Tunnel implements Watched {
  slot = -1
  readonly #options: TunnelOptions
  #why: TunnelEnd['why'] = 'closed'
  #bytesToUpstream = 0
  #bytesToClient = 0
  #open = 2
  #idleAt: number

  constructor(options: TunnelOptions) {
    this.#options = options
    const { client, clientHead, upstream, deadlines, idleMs } = options
    this.#idleAt = deadlines.in(idleMs)
    deadlines.watch(this)
    if (clientHead.length > 0) client.unshift(clientHead)
    client.on('data', (chunk: Buffer) => {
      this.#bytesToUpstream += chunk.length
      this.#touch()
    })
    upstream.on('data', (chunk: Buffer) => {
      this.#bytesToClient += chunk.length
      this.#touch()
    })
    this.#watchEnd(client, upstream)
    this.#watchEnd(upstream, client)
    client.pipe(upstream)
    upstream.pipe(client)
  }

  /** Ends it at once. */
  destroy(): void {
    this.#break('broken')
  }

  check(nowMs: number): void {
    if (nowMs >= this.#idleAt) this.#break('idle')
  }

  #touch(): void {
    this.#idleAt = this.#options.deadlines.in(this.#options.idleMs)
  }

  #watchEnd(one: Duplex, other: Duplex): void {
    // An error is always followed by `close`.
    one.on('error', () => {})
    // Nothing is told before whoever makes this has it.
    if (one.closed) process.nextTick(() => this.#onClose(one, other))
    else one.once('close', () => this.#onClose(one, other))
  }

  #onClose(one: Duplex, other: Duplex): void {
    if (this.#open === 2) {
      const isClean = one.readableEnded && one.writableFinished
      if (!isClean) this.#break('broken')
      // What it has not written yet is on its way still; nobody answers any more.
      else if (other.writableFinished) other.destroy()
      else other.once('finish', () => other.destroy())
    }
    this.#open--
    if (this.#open > 0) return
    const { deadlines, onEnd } = this.#options
    deadlines.unwatch(this)
    onEnd({ why: this.#why, bytesToUpstream: this.#bytesToUpstream, bytesToClient: this.#bytesToClient })
  }

  #break(why: TunnelEnd['why']): void {
    const { client, upstream } = this.#options
    if (this.#why === 'closed') this.#why = why
    client.destroy()
    upstream.destroy()
  }
}
