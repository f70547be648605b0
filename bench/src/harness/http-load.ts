import { once } from 'node:events'
import { connect, type Socket, type TcpNetConnectOpts } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { at, makeSequence } from './keys.ts'

/** Who asks, and for what. */
export interface HttpLoadOptions {
  readonly port: number
  readonly connections: number
  /** Whether each connection comes from a loopback address of its own, as Linux lets it. */
  readonly addresses?: boolean
  /** Sent in the same seeded sequence by every process. */
  readonly requests: readonly string[]
}

const HEAD_END = '\r\n\r\n'
/** More than an answer has. */
const READ_BYTES = 16_384
/** How often requests are sent that have become due, in milliseconds: as often as a timer fires. */
const TICK_MS = 1

/** Requests over plain sockets, so that asking costs far less than answering; any other status than is expected fails the run. */
export class HttpLoad {
  readonly #requests: readonly string[]
  readonly #sequence: ReturnType<typeof makeSequence>
  readonly #free: Connection[] = []
  readonly #all: Connection[] = []
  #sent = 0

  private constructor(requests: readonly string[]) {
    this.#requests = requests
    this.#sequence = makeSequence(requests.length)
  }

  static async open({ port, connections, addresses = false, requests }: HttpLoadOptions): Promise<HttpLoad> {
    const load = new HttpLoad(requests)
    for (let i = 1; i <= connections; i++) {
      const localAddress = `127.0.0.${addresses ? i : 1}`
      load.#all.push(await Connection.open({ port, host: '127.0.0.1', localAddress }))
    }
    load.#free.push(...load.#all)
    return load
  }

  /** What every request must be answered with from now on; at first 200. */
  expect(status: number): void {
    for (const connection of this.#all) connection.expected = status
  }

  /** Sends every request once, and at least one over every connection; returns the head of the last answer. */
  async each(): Promise<string> {
    let head = ''
    for (let i = 0; i < Math.max(this.#all.length, this.#requests.length); i++) {
      const connection = this.#all[i % this.#all.length] as Connection
      await connection.ask(this.#requests[i % this.#requests.length] as string)
      head = connection.head
    }
    return head
  }

  /** Requests a second where each connection sends the next one as soon as its last one is answered. */
  async peak(requests: number): Promise<number> {
    const start = performance.now()
    const end = this.#sent + requests
    const caller = async (connection: Connection): Promise<void> => {
      while (this.#sent < end) await connection.ask(this.#next())
    }
    await Promise.all(this.#all.map(caller))
    return (requests / (performance.now() - start)) * 1000
  }

  /** Milliseconds from when each request was due to its answer, where they come at this rate whether or not others are answered. */
  async latencies(perSecond: number, ms: number): Promise<number[]> {
    const times: number[] = []
    const under: Promise<void>[] = []
    const waiting: number[] = []
    const start = performance.now()
    let due = start
    const send = (connection: Connection, dueAt: number): void => {
      const answered = connection.ask(this.#next()).then(() => {
        times.push(performance.now() - dueAt)
        const next = waiting.shift()
        if (next === undefined) this.#free.push(connection)
        else send(connection, next)
      })
      under.push(answered)
    }
    while (performance.now() < start + ms) {
      for (; due <= performance.now(); due += 1000 / perSecond) {
        const connection = this.#free.pop()
        if (connection === undefined) waiting.push(due)
        else send(connection, due)
      }
      await sleep(TICK_MS)
    }
    while (this.#free.length < this.#all.length) await sleep(TICK_MS)
    await Promise.all(under)
    return times
  }

  close(): void {
    for (const connection of this.#all) connection.close()
  }

  #next(): string {
    return this.#requests[at(this.#sequence, this.#sent++)] as string
  }
}

/** One connection with one request at a time. */
class Connection {
  expected = 200
  /** Of the last answer. */
  head = ''
  readonly #socket: Socket
  #text = ''
  #answered: (() => void) | null = null
  #failed: ((error: Error) => void) | null = null

  private constructor(target: TcpNetConnectOpts) {
    // Into one buffer, past the stream: reading would cost half of what asking costs.
    const buffer = Buffer.alloc(READ_BYTES)
    const callback = (length: number): boolean => {
      this.#read(buffer.toString('latin1', 0, length))
      return true
    }
    this.#socket = connect({ ...target, noDelay: true, onread: { buffer, callback } })
    this.#socket.on('close', () => this.#failed?.(ended()))
  }

  static async open(target: TcpNetConnectOpts): Promise<Connection> {
    const connection = new Connection(target)
    await once(connection.#socket, 'connect')
    return connection
  }

  ask(request: string): Promise<void> {
    // Where a server closes what nobody has used for some seconds.
    if (this.#socket.destroyed) return Promise.reject(ended())
    return new Promise((resolve, reject) => {
      this.#answered = resolve
      this.#failed = reject
      this.#socket.write(request, 'latin1')
    })
  }

  close(): void {
    this.#failed = null
    this.#socket.destroy()
  }

  #read(chunk: string): void {
    this.#text += chunk
    const end = this.#text.indexOf(HEAD_END)
    if (end === -1) return
    this.head = this.#text.slice(0, end)
    const length = Number(/content-length: (\d+)/i.exec(this.head)?.[1])
    if (this.#text.length < end + HEAD_END.length + length) return
    const isAnswer = this.head.startsWith(`HTTP/1.1 ${this.expected} `) && Number.isInteger(length)
    if (isAnswer) this.#answered?.()
    else this.#failed?.(new Error(`answered ${this.#text.slice(0, 60)}`))
    this.#text = ''
  }
}

function ended(): Error {
  return new Error('the connection ended')
}
