import type { Socket } from 'node:net'
import type { RedisConnectionOptions } from './connection-options.ts'
import { encodeCommand } from './encode-command.ts'
import { PATIENCE_MS } from './link.ts'
import { type Reply, ReplyError, ReplyParser } from './reply-parser.ts'
import { openSocket } from './socket.ts'

interface Waiting {
  readonly resolve: (reply: Reply) => void
  readonly reject: (reason: Error) => void
}

/** Most calls and bytes under way: a store has some 130 calls, so that more wait for a server that does not read. */
export const CALLS_MAX = 1024
export const BYTES_MAX: number = 8 * 1024 * 1024
/** Looks in which nothing came, after which a connection is given up. */
const QUIET_LOOKS = 4

/**
 * One connection to a server, from its opening to its end, after which it is of no use. Replies belong to calls in their
 * order. Nothing is sent twice: when the connection ends, all calls under way fail.
 */
export class Session {
  /** Resolves when bytes can travel; rejects when they never will. */
  readonly opened: Promise<void>
  readonly #socket: Socket
  readonly #onClose: (reason: Error) => void
  /** Whether the commands of a tick leave in one packet. */
  readonly #gathers: boolean
  readonly #waiting: Waiting[] = []
  readonly #parser: ReplyParser = new ReplyParser((reply) => this.#answer(reply))
  #isOpen = false
  #closed: Error | undefined
  #timer: NodeJS.Timeout | undefined
  #heard = false
  #quietLooks = 0

  /** `onClose` is told once why it ended, also when that was by `close`. */
  constructor(options: RedisConnectionOptions, onClose: (reason: Error) => void) {
    this.#gathers = options.nodes !== undefined
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.opened = promise
    this.#onClose = (reason) => {
      reject(reason)
      onClose(reason)
    }
    const { socket, opened } = openSocket(options, (bytes, count) => this.#receive(bytes, count))
    this.#socket = socket
    socket.on(opened, () => {
      this.#isOpen = this.#heard = true
      resolve()
    })
    // Of several addresses of a host: what all of them failed with has no words.
    socket.on('error', (error) => this.close(error instanceof AggregateError ? error.errors[0] : error))
    socket.on('end', () => this.close(new Error('the server closed the connection')))
    socket.on('close', () => this.close(new Error('the connection was closed')))
    this.#watch()
  }

  /**
   * Sends one command. To one server at once: with those of a tick in one packet, client and server wait for each
   * other, and with 8 decisions under way half as many are made. A node of a Cluster gets a command for each of its
   * shards in a tick, and each packet costs as much as all of them. Rejects with a `ReplyError` when it is refused.
   */
  call(command: readonly (string | Buffer)[]): Promise<Reply> {
    if (this.#closed) return Promise.reject(this.#closed)
    const text = encodeCommand(command)
    const bytes = this.#socket.writableLength + text.length
    if (this.#waiting.length >= CALLS_MAX || bytes > BYTES_MAX) return Promise.reject(tooMany())
    if (this.#waiting.length === 0) this.#watch()
    if (this.#gathers) this.#cork()
    this.#socket.write(text, 'latin1')
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
    })
  }

  /** Keeps what is written until the end of the tick. */
  #cork(): void {
    if (this.#socket.writableCorked > 0) return
    this.#socket.cork()
    process.nextTick(() => this.#socket.uncork())
  }

  /** Why it has ended. */
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
    this.#heard = true
    try {
      this.#parser.push(bytes, count)
    } catch (reason) {
      this.close(reason as Error)
    }
  }

  #answer(reply: Reply): void {
    // What follows in the same bytes, when an earlier reply ended the connection.
    if (this.#closed) return
    const waiting = this.#waiting.shift()
    if (waiting === undefined) {
      this.close(new Error('the server answered what it was not asked'))
    } else if (reply instanceof ReplyError) {
      waiting.reject(reply)
      // A primary became a replica: the address may lead to another server by now.
      if (/^(READONLY|MASTERDOWN)/.test(reply.message)) this.close(reply)
    } else {
      waiting.resolve(reply)
    }
  }

  /** From now on something is to come from the server. */
  #watch(): void {
    if (this.#timer) this.#heard = true
    else {
      this.#quietLooks = 0
      this.#timer = setTimeout(() => this.#look(), PATIENCE_MS / QUIET_LOOKS).unref()
    }
  }

  /**
   * Counts looks and not time: when this process was busy for a second, the first look comes before what the server said
   * meanwhile is read.
   */
  #look(): void {
    if (this.#isOpen && this.#waiting.length === 0) {
      this.#timer = undefined
      return
    }
    this.#quietLooks = this.#heard ? 0 : this.#quietLooks + 1
    this.#heard = false
    if (this.#quietLooks < QUIET_LOOKS) this.#timer?.refresh()
    else this.close(new Error(`nothing came from the server for ${PATIENCE_MS} ms`))
  }
}

function tooMany(): Error {
  return new Error(
    `${CALLS_MAX} calls or ${BYTES_MAX} bytes wait for the server already; nothing more is queued`,
  )
}
