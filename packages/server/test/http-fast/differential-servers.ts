/** The servers that are compared: with the fast path, and those of Node that it is measured by. */
import { createServer, type Server } from 'node:http'
import { HEADER_BYTES_MAX, IDLE_TIMEOUT_MS } from '../../src/listener/listener-limits.ts'
import { sendClientError } from '../../src/transports/http/encode.ts'
import { accelerate, type FastPath } from '../../src/transports/http/fast/fast-path.ts'
import {
  answerOf,
  failureOf,
  isDeclined,
  ordinaryListener,
  TARGETS,
  turn,
  Waiting,
} from './differential-app.ts'
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

export async function startServers(make: Accelerate = accelerate): Promise<Servers> {
  const fast = fastSubject(make)
  const plain = subject()
  const injected = subject()
  decorated(injected.server, inOrder)
  const late = subject()
  decorated(late.server, inOrderLater)
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

function fastSubject(make: Accelerate): FastSubject & { readonly path: FastPath } {
  const { server, waiting } = subject()
  const counts = { answered: 0, handedOver: 0 }
  const path = make(server, {
    routes: new Map(
      TARGETS.map((target) => [target, (asked) => (isDeclined(asked) ? null : answerOf(asked, waiting))]),
    ),
    onFailure: failureOf,
    onHandOver: () => counts.handedOver++,
    onAnswered: () => counts.answered++,
  })
  return { server, waiting, counts, path }
}

/** Fields and limits as the server of the API has them. */
const OPTIONS = {
  keepAliveTimeout: IDLE_TIMEOUT_MS,
  maxHeaderSize: HEADER_BYTES_MAX,
  requireHostHeader: false,
}

function subject(): Subject & { readonly server: Server } {
  const waiting = new Waiting()
  const server = createServer(OPTIONS, ordinaryListener(waiting))
  // It leaves the rest to the client, so that no reset overtakes what it says.
  server.on('clientError', sendClientError)
  server.on('checkExpectation', (request, response) => server.emit('request', request, response))
  return { server, waiting }
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
