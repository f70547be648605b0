import { once } from 'node:events'
import { type IoredisLike, type RunScript, scriptRunner } from '../client.ts'

/** What is used of a client of our own. */
export interface OwnClient extends IoredisLike {
  readonly status: string
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'connecting' | 'connect' | 'ready', listener: () => void): unknown
  connect(): Promise<unknown>
  disconnect(): void
}

/** Longest wait for a first connection and for any command: their callers have given up long before. */
export const PATIENCE_MS = 1000
const BACKOFF_MS = 250

/** The pause before something is tried again: up to 100 ms at first, then longer, and no two processes in step. */
export function backoff(attempt = 3, longestMs: number = BACKOFF_MS): number {
  return Math.random() * Math.min(longestMs, 50 * 2 ** attempt)
}

/**
 * One client of our own. The first call opens it and waits for the first attempt to connect; later, calls fail at once
 * while there is no connection. The client connects again by itself.
 */
export class Link {
  readonly client: OwnClient
  readonly #runner: RunScript
  /** The first attempt to connect; resolves however it ends. */
  #attempt: Promise<void> | undefined
  #attempted = false
  /** Why there is no connection. */
  #reason: Error | undefined

  /** Of a client that does not connect yet. */
  constructor(client: OwnClient) {
    this.client = client
    this.#runner = scriptRunner(client)
    this.#follow()
  }

  readonly run: RunScript = (script, keys, args) => {
    if (this.#attempted && this.client.status === 'ready') return this.#runner(script, keys, args)
    return this.#runLater(script, keys, args)
  }

  async #runLater(...call: Parameters<RunScript>): Promise<unknown> {
    if (this.client.status !== 'end') this.#attempt ??= this.#open()
    await this.#attempt
    if (this.client.status === 'ready') return this.#runner(...call)
    throw this.#reason ?? new Error('there is no connection')
  }

  async #open(): Promise<void> {
    const attempt = this.client.connect().catch((reason: Error) => {
      this.#reason ??= reason
    })
    await Promise.race([attempt, once(AbortSignal.timeout(PATIENCE_MS), 'abort')])
    this.#attempted = true
  }

  #follow(): void {
    const { client } = this
    let isNew = true
    client.on('error', (error) => {
      // What follows the first error of an attempt only follows from it.
      if (isNew) this.#reason = error
      isNew = false
    })
    client.on('connecting', () => {
      isNew = true
    })
    // It then asks whether all keys are read, and says nothing while it waits for that.
    client.on('connect', () => {
      if (isNew) this.#reason = new Error('connected, but not ready: LOADING?')
    })
    client.on('ready', () => {
      this.#reason = undefined
    })
  }
}
