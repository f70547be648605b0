/** The proxy as a transport that listens, over memory, in front of an application that remembers what it got. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { memoryStore, type Store } from 'headgate'
import { type ManualClock, manualClock } from 'headgate/testing'
import { parseConfig } from '../../src/config/config.ts'
import type { ListenerOptions } from '../../src/listener/listener.ts'
import { createProxyTransport } from '../../src/proxy/proxy-transport.ts'
import { createService } from '../../src/service/create-service.ts'
import type { RequestProxied } from '../../src/service/proxy-events.ts'
import type { Service } from '../../src/service/service.ts'
import type { Transport } from '../../src/service/transport.ts'

/** A request as the application got it, to the letter. */
export interface SeenRequest {
  readonly method: string
  readonly url: string
  readonly rawHeaders: readonly string[]
  readonly body: Buffer
}

/** What a proxy is started with. */
export interface ProxyTestOptions {
  /** Answers requests; the default says 200 with a short text. */
  readonly answer?: (request: IncomingMessage, response: ServerResponse, body: Buffer) => void
  /** @default memory with a clock of its own */
  readonly store?: Store
  readonly listener?: Partial<ListenerOptions>
}

/** A proxy that listens, and the application behind it. */
export interface ProxyUnderTest extends AsyncDisposable {
  readonly url: string
  readonly port: number
  readonly service: Service
  readonly transport: Transport
  readonly clock: ManualClock
  readonly application: Server
  /** Requests that reached the application, in their order. */
  readonly seen: SeenRequest[]
  /** What was told of requests that have ended. */
  readonly ended: RequestProxied[]
  /** Puts another configuration in force. */
  reload(yaml: string): void
  /** Sends octets on a connection of their own, and resolves to all that comes back until it is closed. */
  raw(text: string | Buffer): Promise<string>
}

/** Starts a proxy by a configuration; where `proxy.upstream` is missing, it is the application. */
export async function startProxy(yaml: string, options: ProxyTestOptions = {}): Promise<ProxyUnderTest> {
  const { answer = (_, response) => void response.end('hello') } = options
  const seen: SeenRequest[] = []
  const application = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url = '', rawHeaders } = request
      const body = Buffer.concat(chunks)
      seen.push({ method, url, rawHeaders, body })
      answer(request, response, body)
    })
  })
  application.listen(0, '127.0.0.1')
  await once(application, 'listening')
  const upstream = `http://127.0.0.1:${(application.address() as AddressInfo).port}`
  const configurationOf = (text: string) =>
    parseConfig(text, 'headgate.yaml', {
      face: 'proxy',
      replacements: /^ {0,2}upstream:|[{,] *upstream:/m.test(text) ? {} : { upstream },
    })
  const clock = manualClock()
  const store = options.store ?? memoryStore({ clock })
  const service = createService({
    configuration: configurationOf(yaml),
    store: { store, label: 'memory', resilience: {}, ping: async () => {} },
  })
  const ended: RequestProxied[] = []
  service.on('proxied', (event) => ended.push(event))
  const transport = createProxyTransport(service, {
    address: { host: '127.0.0.1', port: 0 },
    flag: '--port',
    maxConnections: 1000,
    maxConnectionsPerPeer: 1000,
    tls: null,
    ...options.listener,
  })
  const url = await transport.listen()
  const port = Number(new URL(url).port)
  return {
    url,
    port,
    service,
    transport,
    clock,
    application,
    seen,
    ended,
    reload: (text) => service.apply(configurationOf(text)),
    raw: (text) => sendRaw(port, text),
    [Symbol.asyncDispose]: async () => {
      await transport.close()
      await service.close()
      application.closeAllConnections()
      application.close()
      await store.close()
    },
  }
}

/** Sends octets, and resolves to all that comes back until the other end closes. */
export async function sendRaw(port: number, text: string | Buffer): Promise<string> {
  const socket: Socket = connect(port, '127.0.0.1')
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  // What is refused may be reset.
  socket.on('error', () => {})
  socket.write(text)
  await once(socket, 'close')
  return Buffer.concat(chunks).toString('latin1')
}
