/** A server that answers as a test tells it: what no real one can be brought to say when a test needs it. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { parseReply } from './resp.ts'

/** The bytes that answer a command; nothing is answered when it is undefined. */
export type Answer = (command: readonly string[]) => string | undefined

export class ScriptedServer {
  /** May be replaced at any time. */
  answer: Answer
  /** Connections that there were. */
  connections = 0
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(answer: Answer) {
    this.answer = answer
    this.#server = createServer((socket) => this.#serve(socket))
  }

  static async start(answer: Answer): Promise<ScriptedServer> {
    const server = new ScriptedServer(answer)
    server.#server.listen(0, '127.0.0.1')
    await once(server.#server, 'listening')
    return server
  }

  get address(): { readonly host: string; readonly port: number } {
    return { host: '127.0.0.1', port: (this.#server.address() as AddressInfo).port }
  }

  /** Ends all connections; others are taken. */
  hangUp(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  stop(): void {
    this.hangUp()
    this.#server.close()
  }

  #serve(socket: Socket): void {
    this.connections++
    this.#sockets.add(socket)
    let bytes = Buffer.alloc(0)
    socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket))
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk])
      for (let found = parseReply(bytes, 0); found; found = parseReply(bytes, 0)) {
        bytes = bytes.subarray(found.end)
        socket.write(this.answer(found.value as string[]) ?? '')
      }
    })
  }
}

/** Says yes to everything. */
export function agree([name]: readonly string[]): string {
  return name?.startsWith('EVAL') ? ':1\r\n' : '+OK\r\n'
}

/** A value as a reply: texts in full, numbers, and lists of these. */
export function encodeReply(value: string | number | readonly unknown[]): string {
  if (typeof value === 'number') return `:${value}\r\n`
  if (typeof value === 'string') return `$${Buffer.byteLength(value)}\r\n${value}\r\n`
  return `*${value.length}\r\n${value.map((one) => encodeReply(one as string)).join('')}`
}
