/** The admin listener over a real socket and memory: `await using admin = await adminOf(file)`. */
import { once } from 'node:events'
import { type OutgoingHttpHeaders, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { worstCaseOf } from '../../src/config/worst-case.ts'
import type { ListenerOptions } from '../../src/listener/listener.ts'
import type { Observer } from '../../src/service/observe/observer.ts'
import { createRecordings } from '../../src/service/record/recordings.ts'
import type { Service } from '../../src/service/service.ts'
import { createAdminTransport } from '../../src/transports/admin/admin-transport.ts'
import type { DashboardFiles } from '../../src/transports/admin/dashboard-files.ts'
import { type ObservedService, observed } from '../observe/observed-service.ts'

const INSTANCE = {
  version: '1.2.3',
  file: 'headgate.yaml',
  store: 'memory',
  options: { '--port': 8080 },
}

/** As a build leaves it. */
export const DASHBOARD: DashboardFiles = {
  index: Buffer.from('<!doctype html><script type="module" src="/assets/app-1f0c9a2e.js"></script>'),
  assets: new Map([
    ['app-1f0c9a2e.js', { type: 'text/javascript; charset=utf-8', bytes: Buffer.from('document.title') }],
  ]),
}

export interface Answered {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever JSON they expect
  readonly json: any
}

export interface Asking {
  readonly method?: string
  readonly headers?: OutgoingHttpHeaders
  readonly body?: unknown
  /** The name of the token. */
  readonly as?: string
}

export interface AdminServer extends AsyncDisposable {
  readonly at: ObservedService
  readonly service: Service
  readonly observer: Observer
  readonly url: string
  readonly host: string
  readonly port: number
  ask(path: string, asking?: Asking): Promise<Answered>
  /** A bare connection, closed in the end. */
  connect(): Promise<Socket>
  /** All that comes back for these bytes until the server closes the connection. */
  send(bytes: string | Buffer): Promise<string>
  /** Takes no new connections, and waits for requests under way. */
  drain(): Promise<void>
  tokenOf(name: string): string
}

export interface AdminOptions extends Partial<ListenerOptions> {
  readonly dashboard?: DashboardFiles | null
}

export async function adminOf(
  file: string,
  { dashboard = DASHBOARD, ...options }: AdminOptions = {},
): Promise<AdminServer> {
  const at = observed(file)
  const { service, observer, changes } = at
  const transport = createAdminTransport(service, {
    address: { host: '127.0.0.1', port: 0 },
    flag: '--admin-port',
    maxConnections: 1000,
    maxConnectionsPerPeer: 1000,
    tls: null,
    ...options,
    parts: {
      metrics: async () => ({ type: 'text/plain; version=0.0.4', text: '# nothing\n' }),
      observer,
      recordings: createRecordings(service),
      instance: INSTANCE,
      changes,
      dashboard,
      worstCase: worstCaseOf,
    },
  })
  const url = await transport.listen()
  const { host, port } = new URL(url)
  const sockets = new Set<Socket>()
  const open = async (): Promise<Socket> => {
    const socket = connect({ host: '127.0.0.1', port: Number(port) })
    sockets.add(socket)
    socket.on('error', () => {})
    await once(socket, 'connect')
    return socket
  }
  return {
    at,
    service,
    observer,
    url,
    host,
    port: Number(port),
    connect: open,
    tokenOf: (name) => at.tokenOf(name),
    send: async (bytes) => {
      const socket = await open()
      let text = ''
      socket.setEncoding('utf8').on('data', (chunk) => (text += chunk))
      socket.write(bytes)
      await once(socket, 'close')
      return text
    },
    ask: (path, { as, ...asking } = {}) => {
      const token = as === undefined ? {} : { authorization: `Bearer ${at.tokenOf(as)}` }
      return answer(Number(port), path, { ...asking, headers: { ...token, ...asking.headers } })
    },
    drain: async () => transport.drain(),
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      await transport.close()
      await at[Symbol.asyncDispose]()
    },
  }
}

async function answer(port: number, path: string, { method, headers = {}, body }: Asking): Promise<Answered> {
  const text = body === undefined ? undefined : JSON.stringify(body)
  const type = text === undefined ? {} : { 'content-type': 'application/json' }
  const sent = request({
    host: '127.0.0.1',
    port,
    path,
    agent: false,
    method: method ?? (text === undefined ? 'GET' : 'POST'),
    headers: { ...type, ...headers },
  })
  sent.end(text)
  const [response] = await once(sent, 'response')
  let all = ''
  for await (const chunk of response.setEncoding('utf8')) all += chunk
  const isJson = /json/.test(String(response.headers['content-type']))
  return {
    status: response.statusCode,
    headers: response.headers,
    text: all,
    json: isJson && all !== '' ? JSON.parse(all) : null,
  }
}
