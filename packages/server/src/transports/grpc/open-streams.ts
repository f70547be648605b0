import { RpcError } from './rpc-status.ts'

/** Streams that do not end by themselves: where the process is to end, they are told to. */
export class OpenStreams {
  readonly #stops = new Set<() => void>()
  #isStopping = false

  get isStopping(): boolean {
    return this.#isStopping
  }

  /** Calls this when the stream is to end, at once where all are; returns what forgets it, for when it has ended. */
  add(stop: () => void): () => void {
    this.#stops.add(stop)
    if (this.#isStopping) stop()
    return () => void this.#stops.delete(stop)
  }

  stop(): void {
    this.#isStopping = true
    for (const stop of this.#stops) stop()
  }

  /** How a stream ends that was told to. */
  checkRunning(): void {
    if (!this.#isStopping) return
    throw new RpcError('UNAVAILABLE', 'this instance is about to end; call again, which reaches another one')
  }
}
