import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type ManualClock, manualClock } from 'headgate/testing'
import { afterEach, beforeEach, expect } from 'vitest'
import type {
  Failure,
  Forwarding,
  UpstreamGroup,
  UpstreamRequest,
} from '../../src/proxy/upstream/forwarding.ts'
import type { HealthChange } from '../../src/proxy/upstream/target.ts'
import { Upstreams } from '../../src/proxy/upstream/upstreams.ts'
import type { UpstreamSettings } from '../../src/service/proxy-settings/upstream-settings.ts'

/** Settings for tests: every limit is so long that only a clock that is advanced reaches it. */
export function upstreamSettings(changes: Partial<UpstreamSettings> = {}): UpstreamSettings {
  return {
    targets: ['http://127.0.0.1:1'],
    timeouts: { connectMs: 3000, firstByteMs: 30_000, idleMs: 60_000, totalMs: 0 },
    retries: 1,
    health: { path: null, intervalMs: 10_000, timeoutMs: 2000, failures: 2, ejectionMs: 10_000 },
    connectionsMax: 64,
    host: 'keep',
    ca: null,
    ...changes,
  }
}

/** Upstreams under a clock that stands still, with what they told. */
export interface Fixture {
  readonly clock: ManualClock
  readonly upstreams: Upstreams
  readonly events: HealthChange[]
  group(changes?: Partial<UpstreamSettings>): UpstreamGroup
}

/** Makes upstreams. */
export function upstreamFixture(): Fixture {
  const clock = manualClock()
  const events: HealthChange[] = []
  const upstreams = new Upstreams({ clock, onEvent: (event) => events.push(event) })
  const group = (changes: Partial<UpstreamSettings> = {}): UpstreamGroup =>
    upstreams.use([upstreamSettings(changes)])[0] as UpstreamGroup
  return { clock, upstreams, events, group }
}

/** A server that says what a test has it say. */
export interface RawServer {
  readonly url: string
  /** Of each connection, what came so far, in latin1. */
  readonly received: string[]
  readonly sockets: Socket[]
  close(): Promise<void>
}

/** Called for each head of a request, with its number over all connections, from 0. */
export type Script = (socket: Socket, index: number, connection: number) => void

/** Starts one; a script is called when the head of a request has come. */
export async function rawServer(script: Script, path?: string): Promise<RawServer> {
  const received: string[] = []
  const sockets: Socket[] = []
  let requests = 0
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    const connection = sockets.push(socket) - 1
    received.push('')
    let heads = 0
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      received[connection] += chunk.toString('latin1')
      const seen = (received[connection] as string).split('\r\n\r\n').length - 1
      // Bodies of tests have no empty lines.
      for (; heads < seen; heads++) script(socket, requests++, connection)
    })
    socket.on('end', () => socket.end())
  })
  if (path === undefined) server.listen(0, '127.0.0.1')
  else server.listen(path)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: path === undefined ? `http://127.0.0.1:${port}` : `unix:${path}`,
    received,
    sockets,
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Upstreams and servers of a file of tests, made anew for each test and closed behind it. */
export function useUpstreams(): {
  readonly fixture: () => Fixture
  readonly serve: (script: Script, path?: string) => Promise<RawServer>
} {
  let fixture: Fixture
  let servers: RawServer[]
  beforeEach(() => {
    fixture = upstreamFixture()
    servers = []
  })
  afterEach(async () => {
    fixture.upstreams.close()
    // The one that asks for what is late.
    expect(fixture.clock.pending).toBeLessThanOrEqual(1)
    for (const server of servers) await server.close()
  })
  return {
    fixture: () => fixture,
    serve: async (script, path) => {
      const server = await rawServer(script, path)
      servers.push(server)
      return server
    },
  }
}

/** An answer as a server writes it. */
export function answer(body: string, head = 'HTTP/1.1 200 OK'): string {
  return `${head}\r\ncontent-length: ${body.length}\r\n\r\n${body}`
}

/** What came of a request. */
export interface Result {
  status: number
  fields: string[]
  statusText: string
  body: string
  failure: Failure | null
  socket: Duplex | null
  /** Calls in order. */
  readonly calls: string[]
  readonly forwarding: Forwarding
  readonly ended: Promise<void>
}

/** A request with nothing special. */
export function request(changes: Partial<UpstreamRequest> = {}): UpstreamRequest {
  return {
    method: 'GET',
    path: '/',
    fields: ['host', 'shop.example'],
    body: null,
    contentLength: null,
    isIdempotent: (changes.method ?? 'GET') !== 'POST',
    upgrade: null,
    ...changes,
  }
}

/** Sends a request, and keeps what comes of it. */
export function start(
  group: UpstreamGroup,
  changes: Partial<UpstreamRequest> = {},
  onData: (chunk: Buffer) => boolean = () => true,
): Result {
  const { promise: ended, resolve } = Promise.withResolvers<void>()
  const calls: string[] = []
  const forwarding = group.forward(request(changes), {
    onHead(status, fields, statusText) {
      calls.push('head')
      Object.assign(result, { status, fields, statusText })
    },
    onData(chunk) {
      result.body += chunk.toString('latin1')
      return onData(chunk)
    },
    onEnd() {
      calls.push('end')
      resolve()
    },
    onFailure(failure) {
      calls.push('failure')
      result.failure = failure
      resolve()
    },
    onUpgrade(fields, socket) {
      calls.push('upgrade')
      Object.assign(result, { fields, socket })
      resolve()
    },
  })
  const result: Result = {
    status: 0,
    fields: [],
    statusText: '',
    body: '',
    failure: null,
    socket: null,
    calls,
    forwarding,
    ended,
  }
  return result
}

/** As `start`, until it has ended. */
export async function send(group: UpstreamGroup, changes: Partial<UpstreamRequest> = {}): Promise<Result> {
  const result = start(group, changes)
  await result.ended
  return result
}
