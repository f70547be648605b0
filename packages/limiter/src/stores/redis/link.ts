import { once } from 'node:events'
import { type IoredisLike, type RunScript, scriptRunner } from './client.ts'

/** What is used of a client of our own. */
export interface OwnClient extends IoredisLike {
  readonly status: string
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'connecting' | 'connect' | 'ready' | 'end', listener: () => void): unknown
  connect(): Promise<unknown>
  disconnect(): void
}

/** A password, or where to ask for the one of today. */
export type Password = string | (() => string | Promise<string>) | undefined

/** Longest wait for a first connection and for any command: their callers have given up long before. */
export const PATIENCE_MS = 1000
const BACKOFF_MS = 250

/** The pause before something is tried again: up to 100 ms at first, then longer, and no two processes in step. */
export function backoff(attempt = 3, longestMs: number = BACKOFF_MS): number {
  return Math.random() * Math.min(longestMs, 50 * 2 ** attempt)
}

/**
 * One client of our own. The first call opens it and waits for the first attempt to connect; later, calls fail at once
 * while there is no connection. The client connects again by itself, and is replaced when it has given up.
 */
export class Link {
  readonly #make: (password: string | undefined) => OwnClient
  readonly #password: Password
  /** The first attempt to connect; resolves however it ends. */
  #attempt: Promise<void> | undefined
  #attempted = false
  #client: OwnClient | undefined
  #runner: RunScript | undefined
  /** Why there is no connection. */
  #reason: unknown
  #closed = false

  /** `make` makes a client that does not connect yet. */
  constructor(make: (password: string | undefined) => OwnClient, password: Password) {
    this.#make = make
    this.#password = password
  }

  get client(): OwnClient | undefined {
    return this.#client
  }

  readonly run: RunScript = (script, keys, args) => {
    if (this.#attempted && this.#runner && this.#client?.status === 'ready') {
      return this.#runner(script, keys, args)
    }
    return this.#runLater(script, keys, args)
  }

  /** Begins to connect, if that has not begun. */
  #open(): Promise<void> {
    this.#attempt ??= Promise.race([this.#connect(), once(AbortSignal.timeout(PATIENCE_MS), 'abort')]).then(
      () => {
        this.#attempted = true
      },
    )
    return this.#attempt
  }

  close(): void {
    this.#closed = true
    this.#client?.disconnect()
  }

  async #runLater(...call: Parameters<RunScript>): Promise<unknown> {
    await this.#open()
    if (this.#runner && this.#client?.status === 'ready') return this.#runner(...call)
    throw this.#reason ?? new Error('there is no connection')
  }

  async #connect(): Promise<void> {
    try {
      const password = typeof this.#password === 'function' ? await this.#password() : this.#password
      if (this.#closed) return
      this.#reason = undefined
      const client = this.#make(password)
      this.#client = client
      this.#runner = scriptRunner(client)
      this.#follow(client)
      await client.connect()
    } catch (reason) {
      this.#reason ??= reason
      if (!this.#client) this.#replace()
    }
  }

  #follow(client: OwnClient): void {
    let isNew = true
    const note = (error: Error): void => {
      // What follows the first error of an attempt only follows from it.
      if (isNew) this.#reason = error
      isNew = false
      const refused = /^(WRONGPASS|NOAUTH)/.test(error.message)
      if (refused && typeof this.#password === 'function') client.disconnect()
    }
    client.on('error', note)
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
    client.on('end', () => this.#replace())
  }

  #replace(): void {
    const forget = (): void => {
      this.#attempt = this.#client = this.#runner = undefined
      this.#attempted = false
    }
    setTimeout(forget, backoff()).unref()
  }
}
