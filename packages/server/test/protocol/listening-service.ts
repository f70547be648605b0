/** The HTTP API as a transport that listens, over memory: for what concerns connections. */
import { once } from 'node:events'
import { connect, type NetConnectOpts, type Socket } from 'node:net'
import { memoryStore, type Store } from 'headgate'
import { manualClock } from 'headgate/testing'
import { parseConfig } from '../../src/config/config.ts'
import { createService } from '../../src/service/create-service.ts'
import type { RefusalReason } from '../../src/service/events.ts'
import type { Service } from '../../src/service/service.ts'
import type { Transport } from '../../src/service/transport.ts'
import { createHttpTransport, type HttpTransportOptions } from '../../src/transports/http/http-transport.ts'

export interface ListeningService extends AsyncDisposable {
  readonly service: Service
  readonly transport: Transport
  readonly url: string
  /** Why connections were not taken, in their order. */
  readonly refused: RefusalReason[]
  /** Opens a connection to it. */
  connect(): Promise<Socket>
}

const FILE = 'policies: [{ name: api, key: user, rules: [10/min] }]'

/** Listens on any port of the loopback address unless told otherwise; the time of a store in memory stands still. */
export async function listening(
  options: Partial<HttpTransportOptions> = {},
  file: string = FILE,
  store: Store = memoryStore({ clock: manualClock() }),
): Promise<ListeningService> {
  const service = createService({
    configuration: parseConfig(file, 'headgate.yaml'),
    store: { store, label: 'memory', resilience: {}, ping: async () => {} },
  })
  const refused: RefusalReason[] = []
  service.on('connection-refused', ({ reason }) => refused.push(reason))
  const transport = createHttpTransport(service, {
    address: { host: '127.0.0.1', port: 0 },
    flag: '--port',
    maxConnections: 100,
    maxConnectionsPerPeer: 100,
    tls: null,
    ...options,
  })
  const url = await transport.listen()
  const sockets = new Set<Socket>()
  return {
    service,
    transport,
    url,
    refused,
    connect: async () => {
      const socket = connect(targetOf(url))
      sockets.add(socket)
      // What is refused may be reset.
      socket.on('error', () => {})
      await once(socket, 'connect')
      return socket
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      await transport.close()
      await service.close()
    },
  }
}

/** Where a client connects to for a URL of a listener. */
export function targetOf(url: string): NetConnectOpts {
  if (url.startsWith('unix:')) return { path: url.slice('unix:'.length) }
  const { hostname, port } = new URL(url)
  return { host: hostname, port: Number(port) }
}

/** All that comes back for a request on a connection, which it ends. */
export async function ask(socket: Socket, path: string, headers = ''): Promise<string> {
  let text = ''
  socket.on('data', (chunk) => (text += chunk))
  socket.write(`GET ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n${headers}\r\n`)
  await once(socket, 'close')
  return text
}
