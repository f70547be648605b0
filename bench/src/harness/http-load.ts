import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { at, makeKeys, makeSequence } from './keys.ts'

/** Who asks, and for whom. */
export interface HttpLoadOptions {
  readonly port: number
  readonly connections: number
  readonly keys: number
}

const HEAD_END = '\r\n\r\n'
/** How often requests are sent that have become due, in milliseconds: as often as a timer fires. */
const TICK_MS = 1

/** Requests over plain sockets, so that asking costs far less than answering; anything but a 200 fails the run. */
export class HttpLoad {
  readonly #requests: readonly string[]
  readonly #sequence: ReturnType<typeof makeSequence>
  readonly #free: Connection[] = []
  readonly #all: Connection[] = []
  #sent = 0

  private constructor(keys: number) {
    this.#requests = makeKeys(keys).map(requestOf)
    this.#sequence = makeSequence(keys)
  }

  static async open({ port, connections, keys }: HttpLoadOptions): Promise<HttpLoad> {
    const load = new HttpLoad(keys)
    for (let i = 0; i < connections; i++) load.#all.push(await Connection.open(port))
    load.#free.push(...load.#all)
    return load
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
  readonly #socket: Socket
  #text = ''
  #answered: (() => void) | null = null
  #failed: ((error: Error) => void) | null = null

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.setEncoding('latin1').on('data', (chunk) => this.#read(String(chunk)))
    socket.on('close', () => this.#failed?.(new Error('the connection ended')))
  }

  static async open(port: number): Promise<Connection> {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    return new Connection(socket)
  }

  ask(request: string): Promise<void> {
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
    const length = Number(/content-length: (\d+)/i.exec(this.#text.slice(0, end))?.[1])
    if (this.#text.length < end + HEAD_END.length + length) return
    const isAnswer = this.#text.startsWith('HTTP/1.1 200 ') && Number.isInteger(length)
    if (isAnswer) this.#answered?.()
    else this.#failed?.(new Error(`answered ${this.#text.slice(0, 60)}`))
    this.#text = ''
  }
}

function requestOf(user: string): string {
  const body = JSON.stringify({ attributes: { user } })
  return [
    'POST /v1/consume HTTP/1.1',
    'host: 127.0.0.1',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    `${HEAD_END.slice(2)}${body}`,
  ].join('\r\n')
}
