/** A plain server with a fast path, whose clients send octets, and whose sweeps are done by hand. */
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import {
  accelerate,
  type FastHandler,
  type FastPath,
  type FastPathOptions,
  type HandOverReason,
} from '../../src/transports/http/fast/fast-path.ts'

export interface FastServer extends AsyncDisposable {
  readonly server: Server
  readonly path: FastPath
  readonly handedOver: HandOverReason[]
  /** Why connections were cut off. */
  readonly cut: string[]
  readonly answered: { times: number }
  /** What handlers and connections failed with. */
  readonly failures: unknown[]
  /** Lets the time of this many sweeps pass, while it drains also of those for quiet connections. */
  sweep(times: number): void
  connect(): Promise<Client>
}

export interface FastServerOptions extends Partial<FastPathOptions> {
  /** @default answers with the body, at once */
  readonly handler?: FastHandler
  /** @default answers `ordinary` with the target and the body */
  readonly ordinary?: RequestListener
  /** @default the fast path as it is, and not one with a mistake in it */
  readonly make?: typeof accelerate
}

export const TARGET = '/v1/consume'

export const echo: FastHandler = ({ body }) => ({
  status: 200,
  fields: [['content-type', 'text/plain']],
  body: body.toString(),
})

export async function fastServer({
  handler = echo,
  ordinary = answerOrdinarily,
  make = accelerate,
  ...options
}: FastServerOptions = {}): Promise<FastServer> {
  const server = createServer({ keepAliveTimeout: 72_000 }, ordinary)
  const handedOver: HandOverReason[] = []
  const failures: unknown[] = []
  const cut: string[] = []
  const answered = { times: 0 }
  const sweeps: (() => void)[] = []
  const path = make(server, {
    routes: new Map([[TARGET, handler]]),
    onFailure: (reason) => {
      failures.push(reason)
      return { status: 500, fields: [], body: 'failed' }
    },
    onHandOver: (reason) => handedOver.push(reason),
    onAnswered: () => answered.times++,
    onCutOff: (reason) => cut.push(reason),
    everySweep: (sweep) => {
      sweeps.push(sweep)
      return () => {}
    },
    ...options,
  })
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => sockets.add(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const clients: Client[] = []
  return {
    server,
    path,
    handedOver,
    cut,
    answered,
    failures,
    sweep: (times) => {
      for (let i = 0; i < times; i++) for (const sweep of sweeps) sweep()
    },
    connect: async () => {
      const socket = connect({
        port: (server.address() as AddressInfo).port,
        host: '127.0.0.1',
        allowHalfOpen: true,
      })
      await once(socket, 'connect')
      const client = new Client(socket)
      clients.push(client)
      return client
    },
    [Symbol.asyncDispose]: async () => {
      for (const { socket } of clients) socket.destroy()
      // Also those that a mistake keeps.
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

function answerOrdinarily(
  request: Parameters<RequestListener>[0],
  response: Parameters<RequestListener>[1],
): void {
  let body = ''
  request.on('data', (chunk) => (body += chunk))
  request.on('end', () => response.end(`ordinary ${request.url} ${body}`))
}

/** A client that keeps what it is sent. */
export class Client {
  readonly socket: Socket
  text = ''
  hasEnded = false
  isClosed = false

  constructor(socket: Socket) {
    this.socket = socket
    socket.setEncoding('latin1')
    socket.on('data', (text) => (this.text += text))
    socket.on('end', () => (this.hasEnded = true))
    socket.on('close', () => (this.isClosed = true))
    // A reset is an end as well.
    socket.on('error', () => {})
  }

  send(text: string | Buffer): void {
    this.socket.write(text)
  }

  /** Resolves when a text has come. */
  async until(text: string): Promise<string> {
    while (!this.text.includes(text)) {
      if (this.isClosed || this.hasEnded) throw new Error(`ended after ${JSON.stringify(this.text)}`)
      await Promise.race([once(this.socket, 'data'), once(this.socket, 'end'), once(this.socket, 'close')])
    }
    return this.text
  }

  /** Resolves with all that came when the other side has ended. */
  async end(): Promise<string> {
    if (!this.hasEnded && !this.isClosed)
      await Promise.race([once(this.socket, 'end'), once(this.socket, 'close')])
    return this.text
  }
}

/** A request that is one of the fast path; lines of a header come before its own. */
export function post(body: string, lines: readonly string[] = [], target = TARGET): string {
  const head = [
    `POST ${target} HTTP/1.1`,
    'Host: 127.0.0.1:8080',
    ...lines,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ]
  return `${head.join('\r\n')}\r\n\r\n${body}`
}

/** Bodies of answers, in their order. */
export function bodiesOf(text: string): string[] {
  const bodies: string[] = []
  let rest = text
  while (rest !== '') {
    const head = rest.indexOf('\r\n\r\n') + 4
    const length = Number(/content-length: (\d+)/i.exec(rest.slice(0, head))?.[1] ?? Number.NaN)
    if (head < 4 || Number.isNaN(length)) return [...bodies, `? ${rest}`]
    bodies.push(Buffer.from(rest.slice(head, head + length), 'latin1').toString())
    rest = rest.slice(head + length)
  }
  return bodies
}
