import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  ServerResponse,
} from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { Socket } from 'node:net'
import { IDLE_TIMEOUT_MS, LATE_CHECK_MS, REQUEST_TIMEOUT_MS } from '../listener/listener-limits.ts'
import type { TlsInForce } from '../listener/tls-in-force.ts'
import type { CompiledProxy } from './compile-proxy.ts'
import { handleExchange } from './handle-exchange.ts'
import { createHttp2Server } from './http2/create-http2-server.ts'
import { OpenConnections } from './open-connections.ts'
import { Exchange } from './proxy-exchange.ts'
import { PARSER_OPTIONS } from './request/parser-options.ts'
import { QueuedResponses } from './respond/queued-responses.ts'

/** How long a client that is told to go may take to read that, in milliseconds. */
const LEAVE_MS = 2000

const SERVER_OPTIONS: ServerOptions = {
  ...PARSER_OPTIONS,
  headersTimeout: REQUEST_TIMEOUT_MS,
  // A body may take as long as it moves: see the timeouts of upstreams.
  requestTimeout: 0,
  connectionsCheckingInterval: LATE_CHECK_MS,
  keepAliveTimeout: IDLE_TIMEOUT_MS,
  shouldUpgradeCallback: isWebSocket,
}

/** What a server asks for each request. */
export interface ProxyServerOptions {
  /** What is in force now. */
  readonly current: () => CompiledProxy
  /** Null where connections are not encrypted. */
  readonly tls: TlsInForce | null
  /** Whether clients may speak HTTP/2; those of TLS only. */
  readonly http2: boolean
}

/** The server of the proxy. */
export interface ProxyServer {
  readonly server: Server
  /** Takes no new connections; resolves once all requests under way are answered and all connections closed. */
  drain(): Promise<void>
  /** Ends all connections at once. */
  close(): void
}

type Handle = (message: IncomingMessage, response: ServerResponse, waitsForContinue: boolean) => void

/** Creates the server of the proxy; it does not listen yet. */
export function createProxyServer({ current, tls, http2 }: ProxyServerOptions): ProxyServer {
  const queued = new QueuedResponses()
  const handle: Handle = (message, response, waitsForContinue) => {
    handleExchange(new Exchange({ message, response, proxy: current(), waitsForContinue, isUpgrade: false }))
  }
  const handleFirst: Handle = (message, response, waitsForContinue) => {
    connections.used(message.socket)
    queued.add(message.socket, response)
    handle(message, response, waitsForContinue)
  }
  const onRequest = (message: IncomingMessage, response: ServerResponse): void => {
    handleFirst(message, response, false)
  }
  const isLeaving = (): boolean => current().service.isDraining
  const secure = tls && { ...SERVER_OPTIONS, ...tls.serverOptions() }
  const h2 =
    secure !== null && http2 ? createHttp2Server(secure, { onRequest, onStream: handle, isLeaving }) : null
  const server = h2?.server ?? createFirstServer(secure, onRequest)
  server.maxHeadersCount = 0
  const connections = new OpenConnections(server, tls !== null)
  server.on('checkContinue', (message, response) => handleFirst(message, response, true))
  server.on('checkExpectation', (message, response) => handleFirst(message, response, true))
  const takeOver = (message: IncomingMessage, socket: Socket, head: Buffer): void => {
    connections.used(socket)
    // Node leaves the socket to us. A client that resets the connection is told by the end of the response.
    socket.on('error', () => {})
    // Whatever came after the head is for the target.
    if (head.length > 0) socket.unshift(head)
    const response = new ServerResponse(message)
    response.shouldKeepAlive = false
    response.assignSocket(socket)
    response.once('finish', () => leave(socket))
    handleExchange(
      new Exchange({ message, response, proxy: current(), waitsForContinue: false, isUpgrade: true }),
    )
  }
  server.on('upgrade', takeOver)
  server.on('connect', (message, socket: Socket, head) => {
    if (isBusy(socket)) socket.destroy()
    else takeOver(message, socket, head)
  })
  return {
    server,
    drain: () => {
      h2?.sessions.drain()
      return connections.drain()
    },
    close: () => connections.close(),
  }
}

/** One that speaks HTTP/1.1 alone, with or without TLS. */
function createFirstServer(secure: ServerOptions | null, onRequest: RequestListener): Server {
  return secure === null ? createServer(SERVER_OPTIONS, onRequest) : createSecureServer(secure, onRequest)
}

/** Ends a connection that stays HTTP, of which nothing more is read: what the client has sent already must not keep it open. */
function leave(socket: Socket): void {
  const timer = setTimeout(() => socket.destroy(), LEAVE_MS)
  socket.once('close', () => clearTimeout(timer))
  socket.resume().end()
}

/** Requests for other protocols go on as they are (RFC 9110, section 7.8), and those that do not wait for the responses before theirs. */
function isWebSocket({ headers, socket }: IncomingMessage): boolean {
  return !isBusy(socket) && headers.upgrade?.toLowerCase() === 'websocket'
}

/** Whether an earlier request of the connection has not been answered. */
function isBusy(socket: Socket): boolean {
  return ((socket as { _httpMessage?: unknown })._httpMessage ?? null) !== null
}
