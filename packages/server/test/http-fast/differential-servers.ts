/** The servers that are compared: with the fast path, and those of Node that it is measured by. */
import { createServer, type Server } from 'node:http'
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https'
import { HEADER_BYTES_MAX, IDLE_TIMEOUT_MS } from '../../src/listener/listener-limits.ts'
import { sendClientError } from '../../src/transports/http/encode.ts'
import { accelerate, type FastPath } from '../../src/transports/http/fast/fast-path.ts'
import { CERTIFICATES, pemOf } from '../protocol/secure-listener.ts'
import { answerOf, failureOf, ordinaryListener, TARGETS, turn, Waiting } from './differential-app.ts'
import type { Subject } from './differential-exchange.ts'
import { decorated, inOrder, listening, type Taker } from './traps-server.ts'

/** A server with the fast path, and what that did. */
export interface FastSubject extends Subject {
  readonly counts: { answered: number; handedOver: number }
}

export interface Servers extends AsyncDisposable {
  readonly fast: FastSubject
  /** As Node makes them. */
  readonly plain: Subject
  /** Of Node, given connections of which somebody else has read the first octets and put them back. */
  readonly injected: Subject
  /** As `injected`, and somebody else has had them for a while. */
  readonly late: Subject
}

/** What makes a fast path of a server; mutants of it are tried as well. */
export type Accelerate = typeof accelerate

export interface ServersOptions {
  /** @default the fast path as it is */
  readonly make?: Accelerate
  /** Whether connections are encrypted. */
  readonly isSecure?: boolean
}

export async function startServers({
  make = accelerate,
  isSecure = false,
}: ServersOptions = {}): Promise<Servers> {
  const fast = fastSubject(make, isSecure)
  const plain = subject(isSecure)
  const injected = subject(isSecure)
  const event = isSecure ? 'secureConnection' : 'connection'
  decorated(injected.server, inOrder, event)
  const late = subject(isSecure)
  decorated(late.server, inOrderLater, event)
  const open = await Promise.all([fast, plain, injected, late].map(({ server }) => listening(server)))
  return {
    fast,
    plain,
    injected,
    late,
    [Symbol.asyncDispose]: async () => {
      fast.path.destroyAll()
      for (const server of open) await server[Symbol.asyncDispose]()
    },
  }
}

function fastSubject(make: Accelerate, isSecure: boolean): FastSubject & { readonly path: FastPath } {
  const { server, waiting } = subject(isSecure)
  const counts = { answered: 0, handedOver: 0 }
  const path = make(server, {
    routes: new Map(TARGETS.map((target) => [target, (asked) => answerOf(asked, waiting)])),
    onFailure: failureOf,
    onHandOver: () => counts.handedOver++,
    onAnswered: () => counts.answered++,
  })
  return { server, waiting, isSecure, counts, path }
}

/** Fields and limits as the server of the API has them. */
const OPTIONS = {
  keepAliveTimeout: IDLE_TIMEOUT_MS,
  maxHeaderSize: HEADER_BYTES_MAX,
  requireHostHeader: false,
}

function subject(isSecure: boolean): Subject & { readonly server: Server | SecureServer } {
  const waiting = new Waiting()
  const listener = ordinaryListener(waiting)
  const server = isSecure
    ? createSecureServer({ ...OPTIONS, ...pemOf(CERTIFICATES.server) }, listener)
    : createServer(OPTIONS, listener)
  // It leaves the rest to the client, so that no reset overtakes what it says.
  server.on('clientError', sendClientError)
  server.on('checkExpectation', (request, response) => server.emit('request', request, response))
  return { server, waiting, isSecure }
}

const TURNS = 4

const inOrderLater: Taker = (socket, first, ordinary) => {
  socket.pause()
  socket.unshift(first)
  void (async () => {
    for (let i = 0; i < TURNS; i++) await turn()
    socket.once('data', (again) => inOrder(socket, again, ordinary))
    socket.resume()
  })()
}
