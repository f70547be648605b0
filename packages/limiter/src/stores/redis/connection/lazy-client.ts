import { once } from 'node:events'
import { type IoredisLike, type RunScript, scriptRunner } from '../client.ts'

/** The members that the store uses of its own clients. */
export interface OwnClient extends IoredisLike {
  readonly status: string
  on(event: 'error' | 'loading', listener: (error: Error) => void): unknown
  on(event: 'connecting' | 'connect' | 'ready', listener: () => void): unknown
  connect(): Promise<unknown>
  disconnect(): void
}

/** Timeout of a first connection, and of a silent server. Callers have given up long before. */
export const TIMEOUT_MS = 1000
const RETRY_DELAY_MAX_MS = 250

/**
 * Delay before a retry, exponential with full jitter: a random time up to 100 ms at the first attempt, doubling to
 * `maxMs`. Random, so that processes do not retry at the same time.
 */
export function retryDelayMs(attempt = 3, maxMs: number = RETRY_DELAY_MAX_MS): number {
  return Math.random() * Math.min(maxMs, 50 * 2 ** attempt)
}

/**
 * A client that connects at its first call, which waits for that attempt. Later calls fail at once while there is no
 * connection; the client reconnects by itself.
 */
export class LazyClient {
  readonly client: OwnClient
  readonly #runner: RunScript
  /** Resolves when the first attempt to connect has succeeded or failed. */
  #attempt: Promise<void> | undefined
  #attempted = false
  /** Why there is no connection. */
  #reason: Error | undefined

  /** Takes a client that has not begun to connect. */
  constructor(client: OwnClient) {
    this.client = client
    this.#runner = scriptRunner(client)
    this.#trackReason()
  }

  readonly run: RunScript = (script, keys, args) => {
    if (this.#attempted && this.client.status === 'ready') return this.#runner(script, keys, args)
    return this.#runLater(script, keys, args)
  }

  async #runLater(...call: Parameters<RunScript>): Promise<unknown> {
    if (this.client.status !== 'end') this.#attempt ??= this.#open()
    await this.#attempt
    if (this.client.status === 'ready') return this.#runner(...call)
    if (this.client.status === 'end') throw new Error('the store was closed')
    throw this.#reason ?? new Error('there is no connection')
  }

  async #open(): Promise<void> {
    const attempt = this.client.connect().catch((reason: Error) => {
      this.#reason ??= reason
    })
    await Promise.race([attempt, once(AbortSignal.timeout(TIMEOUT_MS), 'abort')])
    this.#attempted = true
  }

  /** Keeps the first error of each attempt to connect: it is the cause, and later ones are consequences. */
  #trackReason(): void {
    const { client } = this
    let isFirst = true
    client.on('error', (error) => {
      if (isFirst) this.#reason = error
      isFirst = false
    })
    client.on('connecting', () => {
      isFirst = true
    })
    // Between `connect` and `ready` the server is silent, or reads its keys: the client waits, and reports no error.
    client.on('connect', () => {
      if (isFirst) this.#reason = new Error('connected, but the server does not answer')
    })
    client.on('loading', (refusal) => {
      if (isFirst) this.#reason = refusal
    })
    client.on('ready', () => {
      this.#reason = undefined
    })
  }
}
