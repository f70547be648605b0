import type { Socket } from 'node:net'
import type { RedisConnectionOptions } from './connection-options.ts'
import { encodeCommand } from './encode-command.ts'
import { TIMEOUT_MS } from './lazy-client.ts'
import { type Reply, ReplyError, ReplyParser } from './reply-parser.ts'
import { openSocket } from './socket.ts'

interface Waiting {
  readonly resolve: (reply: Reply) => void
  readonly reject: (reason: Error) => void
}

/**
 * Most calls in flight and bytes not yet sent. A store has some 130 calls in flight; more means a server that hangs.
 */
export const CALLS_MAX = 1024
export const BYTES_MAX: number = 8 * 1024 * 1024
/** Replies of a primary that became a replica; Redis 6 wraps what a command within a script was answered. */
const DEMOTED = /^(READONLY|MASTERDOWN)|: -READONLY /
/** Consecutive checks without a byte from the server after which a connection is closed. */
const QUIET_CHECKS = 4

/**
 * One connection to a server; it cannot be reopened. Replies arrive in the order of calls. Nothing is sent twice:
 * when the connection closes, all calls in flight fail.
 */
export class Session {
  /** Resolves when the connection is open, with TLS if so configured; rejects when it closed before. */
  readonly opened: Promise<void>
  readonly #socket: Socket
  readonly #onClose: (reason: Error) => void
  /** Whether the commands of a tick are sent in one packet. */
  readonly #corks: boolean
  readonly #waiting: Waiting[] = []
  readonly #parser: ReplyParser = new ReplyParser((reply) => this.#answer(reply))
  #isOpen = false
  #closed: Error | undefined
  #timer: NodeJS.Timeout | undefined
  #receivedSinceCheck = false
  #quietChecks = 0

  /** `onClose` is called once with the reason, also after `close`. */
  constructor(options: RedisConnectionOptions, onClose: (reason: Error) => void) {
    this.#corks = options.nodes !== undefined
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.opened = promise
    this.#onClose = (reason) => {
      reject(reason)
      onClose(reason)
    }
    const { socket, opened } = openSocket(options, (bytes, count) => this.#receive(bytes, count))
    this.#socket = socket
    socket.on(opened, () => {
      this.#isOpen = this.#receivedSinceCheck = true
      resolve()
    })
    // If all addresses of a host fail, the message of the aggregate is empty.
    socket.on('error', (error) => this.close(error instanceof AggregateError ? error.errors[0] : error))
    socket.on('end', () => this.close(new Error('the server closed the connection')))
    socket.on('close', () => this.close(new Error('the connection was closed')))
    this.#watch()
  }

  /**
   * Sends one command; rejects with a `ReplyError` if the server refuses it. On one server each command is a packet:
   * corking 8 calls into one halved throughput, since client and server idle in turns. A node of a Cluster gets one
   * command per shard in a tick; those are corked, since a packet costs as much as all of their work.
   */
  call(command: readonly (string | Buffer)[]): Promise<Reply> {
    if (this.#closed) return Promise.reject(this.#closed)
    const text = encodeCommand(command)
    const bytes = this.#socket.writableLength + text.length
    if (this.#waiting.length >= CALLS_MAX || bytes > BYTES_MAX) return Promise.reject(tooMany())
    if (this.#waiting.length === 0) this.#watch()
    if (this.#corks) this.#cork()
    this.#socket.write(text, 'latin1')
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
    })
  }

  /** Buffers writes until the end of the tick. */
  #cork(): void {
    if (this.#socket.writableCorked > 0) return
    this.#socket.cork()
    process.nextTick(() => this.#socket.uncork())
  }

  /** Why the connection closed; undefined while it has not. */
  get closed(): Error | undefined {
    return this.#closed
  }

  close(reason: Error): void {
    if (this.#closed) return
    this.#closed = reason
    clearTimeout(this.#timer)
    this.#socket.destroy()
    for (const { reject } of this.#waiting.splice(0)) reject(reason)
    this.#onClose(reason)
  }

  #receive(bytes: Buffer, count: number): void {
    if (this.#closed) return
    this.#receivedSinceCheck = true
    try {
      this.#parser.push(bytes, count)
    } catch (reason) {
      this.close(reason as Error)
    }
  }

  #answer(reply: Reply): void {
    // The chunk may contain further replies after one that closed the connection.
    if (this.#closed) return
    const waiting = this.#waiting.shift()
    if (waiting === undefined) {
      this.close(new Error('the server sent a reply without a command'))
    } else if (reply instanceof ReplyError) {
      waiting.reject(reply)
      // The server became a replica: reconnect, since the address may belong to the new primary by now.
      if (DEMOTED.test(reply.message)) this.close(reply)
    } else {
      waiting.resolve(reply)
    }
  }

  /** Starts to expect data from the server: a reply, or the end of the handshake. */
  #watch(): void {
    if (this.#timer) this.#receivedSinceCheck = true
    else {
      this.#quietChecks = 0
      this.#timer = setTimeout(() => this.#check(), TIMEOUT_MS / QUIET_CHECKS).unref()
    }
  }

  /**
   * Counts checks instead of time: after this process was blocked for a second, the timer fires before the bytes that
   * arrived meanwhile are read.
   */
  #check(): void {
    if (this.#isOpen && this.#waiting.length === 0) {
      this.#timer = undefined
      return
    }
    this.#quietChecks = this.#receivedSinceCheck ? 0 : this.#quietChecks + 1
    this.#receivedSinceCheck = false
    if (this.#quietChecks < QUIET_CHECKS) this.#timer?.refresh()
    else this.close(new Error(`nothing came from the server for ${TIMEOUT_MS} ms`))
  }
}

function tooMany(): Error {
  return new Error(
    `${CALLS_MAX} calls or ${BYTES_MAX} bytes already wait for the server; nothing more is queued`,
  )
}
