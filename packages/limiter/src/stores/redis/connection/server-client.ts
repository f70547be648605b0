import { EventEmitter } from 'node:events'
import type { RedisAddress, RedisConnectionOptions } from './connection-options.ts'
import { greet } from './greet.ts'
import { type OwnClient, retryDelayMs } from './lazy-client.ts'
import type { PasswordSource } from './password.ts'
import type { Reply } from './reply-parser.ts'
import { Session } from './session.ts'

interface Events {
  error: [Error]
  connecting: []
  connect: []
  ready: []
  /** The server still reads its keys, and says so. */
  loading: [Error]
}

/**
 * A minimal client for one server. It reconnects by itself until `disconnect`. It queues nothing: commands fail while
 * it is not ready.
 */
export class ServerClient extends EventEmitter<Events> implements OwnClient {
  status: 'wait' | 'connecting' | 'connect' | 'ready' | 'reconnecting' | 'end' = 'wait'
  readonly #options: RedisConnectionOptions
  readonly #secret: PasswordSource
  readonly #locate: () => Promise<Partial<RedisAddress>>
  /** Address of the last attempt to connect, as far as `locate` returned it. */
  address: Partial<RedisAddress> = {}
  #session: Session | undefined
  /** Why there is no connection. */
  #reason = new Error('there is no connection')
  /** Attempts in a row that failed. */
  #failures = 0
  #timer: NodeJS.Timeout | undefined

  /** `locate` is called for every attempt to connect, and returns fields of the address that override the options. */
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

  /** Resolves when the first attempt to connect has succeeded, rejects when it failed. Retries follow by themselves. */
  async connect(): Promise<void> {
    this.status = 'connecting'
    this.emit('connecting')
    let session: Session | undefined
    try {
      const password = await this.#secret.get()
      this.address = await this.#locate()
      session = this.#open()
      await session.opened
      this.#enter('connect', session)
      await greet(session, { ...this.#options, password }, (refusal) => this.emit('loading', refusal))
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
    this.#session = new Session({ ...this.#options, ...this.address }, (reason) => this.#lost(reason))
    return this.#session
  }

  /** Closes the connection; a new one follows. */
  reconnect(reason: Error): void {
    this.#session?.close(reason)
  }

  disconnect(): void {
    if (this.status === 'end') return
    this.status = 'end'
    clearTimeout(this.#timer)
    this.#session?.close(new Error('the connection was closed'))
  }

  /** Sends one command; rejects at once while the client is not ready. */
  call(command: readonly string[]): Promise<Reply> {
    if (this.status !== 'ready') return Promise.reject(this.#reason)
    return (this.#session as Session).call(command)
  }

  #enter(status: 'connect' | 'ready', { closed }: Session): void {
    // The chunk with this reply may also have closed the session.
    if (closed) throw closed
    this.status = status
    this.emit(status)
  }

  #lost(reason: Error): void {
    if (this.status === 'end') return
    this.status = 'reconnecting'
    this.#reason = new Error(`there is no connection: ${reason.message}`, { cause: reason })
    const retry = (): void => void this.connect().catch(() => {})
    // A background task: it must not keep the process alive.
    this.#timer = setTimeout(retry, retryDelayMs(++this.#failures)).unref()
    // Last, since a listener may call `disconnect`, which clears the timer.
    this.emit('error', reason)
  }
}
