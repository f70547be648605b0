import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { readRequests, type StrictRequest, valuesOf } from './strict-requests.ts'

/** A request that arrived, and whether the connection became a tunnel with it. */
export interface Arrived extends StrictRequest {
  readonly isTunnel: boolean
}

/** An application on raw connections, without `node:http`: it reads strictly, by itself, and keeps all that arrives. */
export class RecordingUpstream {
  /** Whole requests, in the order in which they ended. */
  readonly arrived: Arrived[] = []
  /** What could not be read, with its octets. */
  readonly faults: string[] = []
  /** What came through tunnels. */
  tunnelled = ''
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor() {
    this.#server = createServer((socket) => this.#serve(socket))
  }

  static async open(): Promise<RecordingUpstream> {
    const upstream = new RecordingUpstream()
    await once(upstream.#server.listen(0, '127.0.0.1'), 'listening')
    return upstream
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  clear(): void {
    this.arrived.length = 0
    this.faults.length = 0
    this.tunnelled = ''
  }

  async close(): Promise<void> {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
    await once(this.#server, 'close')
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket)
    let rest = ''
    let isTunnel = false
    socket.setNoDelay(true)
    socket.on('error', () => {})
    socket.once('close', () => this.#sockets.delete(socket))
    socket.on('data', (piece) => {
      if (isTunnel) {
        this.tunnelled += piece.toString('latin1')
        return
      }
      const read = readRequests(rest + piece.toString('latin1'))
      rest = read.rest
      if (read.fault !== null) this.faults.push(`${read.fault}: ${JSON.stringify(rest.slice(0, 500))}`)
      // The proxy sends the next request after the response to the last one.
      if (read.requests.length > 1) this.faults.push(`a second request: ${JSON.stringify(read.requests)}`)
      for (const request of read.requests) {
        isTunnel = isUpgrade(request) && !request.target.includes('stay')
        this.arrived.push({ ...request, isTunnel })
        this.#answer(socket, request, isTunnel)
      }
    })
  }

  #answer(socket: Socket, { method }: StrictRequest, isTunnel: boolean): void {
    if (isTunnel) {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
      return
    }
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n${method === 'HEAD' ? '' : 'ok'}`)
  }
}

function isUpgrade(request: StrictRequest): boolean {
  return valuesOf(request, 'upgrade').join().toLowerCase() === 'websocket'
}
