/** The harness's own way to talk to a server: no retries, no queue, every call with a deadline. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { encodeCommand, parseReply, type Reply, ReplyError } from './resp.ts'

/** Where a server listens, and as whom to speak to it. */
export interface Endpoint {
  readonly port: number
  readonly tls?: boolean
  readonly login?: Login
}

export interface Login {
  readonly name: string
  readonly password: string
}

export interface CallOptions {
  /** @default 10_000 */
  readonly withinMs?: number
}

interface Pending {
  resolve(reply: Reply): void
  reject(error: Error): void
}

/** One connection; replies belong to calls in their order. Close it with `using` or `close`. */
export class RedisConnection implements Disposable {
  readonly #socket: Socket
  readonly #withinMs: number
  readonly #pending: Pending[] = []
  #bytes = Buffer.alloc(0)
  #failure = new Error('The connection was closed')

  private constructor(socket: Socket, withinMs: number) {
    this.#socket = socket
    this.#withinMs = withinMs
    socket.on('data', (chunk) => this.#receive(chunk))
    socket.on('error', (error) => {
      this.#failure = error
    })
    socket.on('close', () => {
      for (const call of this.#pending.splice(0)) call.reject(this.#failure)
    })
  }

  static async open(endpoint: Endpoint, { withinMs = 10_000 }: CallOptions = {}): Promise<RedisConnection> {
    const { port, tls = false, login } = endpoint
    // Certificates are what clients are tested with; the harness also has to reach a server whose own has expired.
    const options = { host: '127.0.0.1', port, rejectUnauthorized: false }
    const socket = tls ? connectTls(options) : connect(options)
    await withDeadline(once(socket, tls ? 'secureConnect' : 'connect'), withinMs, socket)
    const connection = new RedisConnection(socket, withinMs)
    try {
      if (login !== undefined) await connection.call('AUTH', login.name, login.password)
    } catch (error) {
      connection.close()
      throw error
    }
    return connection
  }

  /** Sends one command; an error reply rejects with a `ReplyError`. */
  async call(...args: readonly (string | number)[]): Promise<Reply> {
    const answer = new Promise<Reply>((resolve, reject) => this.#pending.push({ resolve, reject }))
    if (this.#socket.destroyed) for (const call of this.#pending.splice(0)) call.reject(this.#failure)
    else this.#socket.write(encodeCommand(args))
    const reply = await withDeadline(answer, this.#withinMs, this.#socket)
    if (reply instanceof ReplyError) throw reply
    return reply
  }

  close(): void {
    this.#socket.destroy()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #receive(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk])
    try {
      this.#bytes = this.#bytes.subarray(this.#answerAll())
    } catch (error) {
      this.#socket.destroy(error as Error)
    }
  }

  #answerAll(): number {
    let end = 0
    while (end < this.#bytes.length) {
      const next = parseReply(this.#bytes, end)
      if (next === null) break
      this.#pending.shift()?.resolve(next.value)
      end = next.end
    }
    return end
  }
}

/** One command on a connection of its own. */
export async function callOnce(
  endpoint: Endpoint,
  args: readonly (string | number)[],
  options: CallOptions = {},
): Promise<Reply> {
  using connection = await RedisConnection.open(endpoint, options)
  return await connection.call(...args)
}

/** What waits too long loses its socket: the reply of a late call must never be taken for that of the next. */
async function withDeadline<T>(answer: Promise<T>, withinMs: number, socket: Socket): Promise<T> {
  const late = new Error(`The server did not answer within ${withinMs} ms`)
  const timer = setTimeout(() => socket.destroy(late), withinMs)
  try {
    return await answer
  } finally {
    clearTimeout(timer)
  }
}
