import { EventEmitter } from 'node:events'
import type { RedisAddress, RedisConnectionOptions } from './connection-options.ts'
import { greet } from './greet.ts'
import { backoff, type OwnClient } from './link.ts'
import type { PasswordSource } from './password.ts'
import type { Reply } from './reply-parser.ts'
import { Session } from './session.ts'

interface Events {
  error: [Error]
  connecting: []
  connect: []
  ready: []
}

/**
 * A client for one server, as far as a store needs one. It connects again by itself until it is told to disconnect, and
 * queues nothing meanwhile: what is asked while it is not ready fails.
 */
export class ServerClient extends EventEmitter<Events> implements OwnClient {
  status: 'wait' | 'connecting' | 'connect' | 'ready' | 'reconnecting' | 'end' = 'wait'
  readonly #options: RedisConnectionOptions
  readonly #secret: PasswordSource
  readonly #locate: () => Promise<Partial<RedisAddress>>
  /** Where the last attempt to connect went. */
  where: Partial<RedisAddress> = {}
  #session: Session | undefined
  /** Why there is no connection. */
  #reason = new Error('there is no connection')
  /** Attempts in a row that failed. */
  #failures = 0
  #timer: NodeJS.Timeout | undefined

  /** `locate` says anew, for every attempt to connect, where the server is; as the options say when absent. */
  constructor(
    options: RedisConnectionOptions,
    secret: PasswordSource,
    locate: () => Promise<Partial<RedisAddress>> = async () => ({}),
  ) {
    super()
    this.#locate = locate
    this.#options = options
    this.#secret = secret
  }

  evalsha(sha: string, keyCount: number, ...rest: string[]): Promise<Reply> {
    return this.call(['EVALSHA', sha, String(keyCount), ...rest])
  }

  eval(script: string, keyCount: number, ...rest: string[]): Promise<Reply> {
    return this.call(['EVAL', script, String(keyCount), ...rest])
  }

  info(section: string): Promise<Reply> {
    return this.call(['INFO', section])
  }

  /** Makes the first attempt; resolves when it is ready, rejects when it failed. Further ones follow by themselves. */
  async connect(): Promise<void> {
    this.status = 'connecting'
    this.emit('connecting')
    let session: Session | undefined
    try {
      const password = await this.#secret.get()
      this.where = await this.#locate()
      session = this.#open()
      await session.opened
      this.#enter('connect', session)
      await greet(session, { ...this.#options, password })
      this.#enter('ready', session)
      this.#failures = 0
    } catch (reason) {
      const error = reason as Error
      if (/^(WRONGPASS|NOAUTH)/.test(error.message)) this.#secret.forget()
      if (session) session.close(error)
      else this.#lost(error)
      throw error
    }
  }

  #open(): Session {
    if (this.status === 'end') throw new Error('the connection was closed')
    this.#session = new Session({ ...this.#options, ...this.where }, (reason) => this.#lost(reason))
    return this.#session
  }

  /** Ends the connection, and makes another one. */
  leave(reason: Error): void {
    this.#session?.close(reason)
  }

  disconnect(): void {
    if (this.status === 'end') return
    this.status = 'end'
    clearTimeout(this.#timer)
    this.#session?.close(new Error('the connection was closed'))
  }

  /** Sends one command; fails at once while it is not ready. */
  call(command: readonly string[]): Promise<Reply> {
    if (this.status !== 'ready') return Promise.reject(this.#reason)
    return (this.#session as Session).call(command)
  }

  #enter(status: 'connect' | 'ready', { closed }: Session): void {
    // The bytes that led here may have ended it as well.
    if (closed) throw closed
    this.status = status
    this.emit(status)
  }

  #lost(reason: Error): void {
    if (this.status === 'end') return
    this.status = 'reconnecting'
    this.#reason = new Error(`there is no connection: ${reason.message}`, { cause: reason })
    const again = (): void => void this.connect().catch(() => {})
    // Nothing waits for it, so it keeps no process alive.
    this.#timer = setTimeout(again, backoff(++this.#failures)).unref()
    // Whoever hears of it may disconnect.
    this.emit('error', reason)
  }
}
