import type { Server as HttpServer } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import type { Socket } from 'node:net'
import { Server as TlsServer } from 'node:tls'
import { Endings } from './answer-text.ts'
import { FastConnection } from './fast-connection.ts'
import { FAST_LIMITS, type FastLimits, QUIET_MS, SWEEP_MS } from './fast-limits.ts'
import type { FastAnswer, FastHandler } from './fast-request.ts'
import type { HandOverReason } from './hand-over-reason.ts'
import { HeldOctets } from './held-octets.ts'
import type { Lane } from './lane.ts'

export type { FastAnswer, FastHandler, FastRequest } from './fast-request.ts'
export type { HandOverReason } from './hand-over-reason.ts'

/** What a fast path answers, and whom it tells. */
export interface FastPathOptions {
  /** By exact target, with its query. All are asked with POST. */
  readonly routes: ReadonlyMap<string, FastHandler>
  /** The answer where a handler throws, or answers with what is none. Throws nothing itself. */
  readonly onFailure: (reason: unknown) => FastAnswer
  readonly onHandOver: (reason: HandOverReason) => void
  /** Called for every answer, failures included. */
  readonly onAnswered: () => void
  /**
   * Called where a connection is cut off: too many octets are held for its address, or it is late with taking its answers.
   * @default nobody is told
   */
  readonly onCutOff?: (reason: 'octets' | 'late') => void
  /**
   * Whom octets are held for: an address, or a network of IPv6; null for those of whom there may be as many as connections allow.
   * @default the address of the connection
   */
  readonly peerOf?: (socket: Socket) => string | null
  /** @default those of {@link FAST_LIMITS} */
  readonly limits?: Partial<FastLimits>
  /**
   * Calls a function at equal times, until what it returns is called.
   * @default an interval, which does not keep the process alive
   */
  readonly everySweep?: (sweep: () => void, ms: number) => () => void
}

/** The fast path of a server. */
export interface FastPath {
  /** Ends each connection with its next answer, and those on which nothing is asked. */
  drain(): void
  /** Cuts off all connections that were not handed over. */
  destroyAll(): void
}

/**
 * Answers what is asked of a server most, as long as a request is known completely; a connection with any other request goes to the
 * server as it was, with that request unread, and stays there. To be called once, before the server listens and before anybody else
 * looks for its connections.
 */
export function accelerate(server: HttpServer | HttpsServer, options: FastPathOptions): FastPath {
  const event = server instanceof TlsServer ? 'secureConnection' : 'connection'
  const ordinary = takeListener(server, event)
  const connections = new Set<FastConnection>()
  const lane = laneOf(server, options, ordinary)
  server.on(event, (socket: Socket) => {
    const connection = new FastConnection(socket, lane, () => connections.delete(connection))
    connections.add(connection)
  })
  const { everySweep = everyMs } = options
  server.on('listening', () => {
    // Whoever made the server may set it until then.
    lane.endings = new Endings(server.keepAliveTimeout)
    const sweep = (): void => {
      for (const connection of connections) connection.sweep()
    }
    server.once('close', everySweep(sweep, SWEEP_MS))
  })
  return {
    drain: () => {
      if (lane.isDraining) return
      lane.isDraining = true
      const sweep = (): void => {
        for (const connection of connections) connection.endIfQuiet()
      }
      server.once('close', everySweep(sweep, QUIET_MS))
    },
    destroyAll: () => {
      for (const connection of connections) connection.destroy()
    },
  }
}

type ConnectionListener = (socket: Socket) => void

/** The only one who takes connections: Node itself, as long as nobody has looked at the server. */
function takeListener(server: HttpServer | HttpsServer, event: string): ConnectionListener {
  const [first, ...others] = server.listeners(event) as ConnectionListener[]
  if (first === undefined || others.length > 0) {
    throw new TypeError(`${others.length + 1} listeners take connections; accelerate a server that is new`)
  }
  server.removeListener(event, first)
  return first
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] }

function laneOf(
  server: HttpServer | HttpsServer,
  { routes, limits, onCutOff = () => {}, peerOf = addressOf, ...told }: FastPathOptions,
  ordinary: ConnectionListener,
): Writable<Lane> {
  const all = { ...FAST_LIMITS, ...limits }
  const held = new HeldOctets(all.heldMax)
  return {
    rules: {
      lines: Array.from(routes, ([target, handler]) => ({
        octets: Buffer.from(`POST ${target} HTTP/1.1\r\n`, 'latin1'),
        route: { target, handler },
      })),
      bodyMax: all.bodyMax,
    },
    limits: all,
    endings: new Endings(server.keepAliveTimeout),
    isDraining: false,
    onFailure: told.onFailure,
    onHandOver: told.onHandOver,
    onAnswered: told.onAnswered,
    onStuck: () => onCutOff('late'),
    handOver: (socket) => Reflect.apply(ordinary, server, [socket]),
    clientError: (code, socket) => tellClientError(server, code, socket),
    peerOf,
    hold: (peer, by) => {
      if (held.change(peer, by) || by <= 0) return true
      onCutOff('octets')
      return false
    },
  }
}

/** As the server itself does with octets that are no request. */
function tellClientError(server: HttpServer | HttpsServer, code: string, socket: Socket): void {
  const error = Object.assign(new Error(`Connection ended: ${code}`), { code })
  if (server.emit('clientError', error, socket) || !socket.writable) return
  const status = code === 'ERR_HTTP_REQUEST_TIMEOUT' ? '408 Request Timeout' : '400 Bad Request'
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`)
}

/** Null where it has ended. */
function addressOf({ remoteAddress }: Socket): string | null {
  return remoteAddress ?? null
}

function everyMs(sweep: () => void, ms: number): () => void {
  // What came while this process stood still is read first.
  const timer = setInterval(() => setImmediate(sweep), ms).unref()
  return () => clearInterval(timer)
}
