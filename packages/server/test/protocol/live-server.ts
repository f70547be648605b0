/** The API over real sockets, by a file, for what depends on the connection and on header fields as they were sent. */
import { once } from 'node:events'
import { type OutgoingHttpHeaders, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { memoryStore } from 'headgate'
import { manualClock } from 'headgate/testing'
import { parseConfig } from '../../src/config/config.ts'
import { createService } from '../../src/service/create-service.ts'
import type { Service } from '../../src/service/service.ts'
import { createHttpServer } from '../../src/transports/http/server.ts'

export interface Asked {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever JSON they expect
  readonly json: any
}

export interface Ask {
  readonly method?: string
  readonly headers?: OutgoingHttpHeaders
  readonly body?: object
}

export interface LiveServer extends AsyncDisposable {
  readonly service: Service
  readonly port: number
  readonly ask: (path: string, ask?: Ask) => Promise<Asked>
}

/** Serves a file from the loopback address: `await using server = await live(text)`. */
export async function live(text: string, file = 'headgate.yaml'): Promise<LiveServer> {
  const store = memoryStore({ clock: manualClock() })
  const service = createService({
    configuration: parseConfig(text, file),
    store: { store, label: 'memory', resilience: {}, ping: async () => {} },
  })
  const app = createHttpServer(service)
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  return {
    service,
    port,
    ask: (path, options) => send(port, path, options),
    [Symbol.asyncDispose]: async () => {
      app.server.closeAllConnections()
      await app.close()
      await service.close()
    },
  }
}

async function send(port: number, path: string, { method, headers = {}, body }: Ask = {}): Promise<Asked> {
  const json = body === undefined ? undefined : JSON.stringify(body)
  const type = json === undefined ? {} : { 'content-type': 'application/json' }
  const sent = request({
    host: '127.0.0.1',
    port,
    path,
    agent: false,
    method: method ?? (json === undefined ? 'GET' : 'POST'),
    headers: { ...type, ...headers },
  })
  sent.end(json)
  const [response] = await once(sent, 'response')
  let text = ''
  for await (const chunk of response.setEncoding('utf8')) text += chunk
  const isJson = /json/.test(String(response.headers['content-type']))
  return {
    status: response.statusCode,
    headers: response.headers,
    text,
    json: isJson ? JSON.parse(text) : null,
  }
}
