import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { compileAddressKey } from 'headgate/http'
import type { ListenerOptions } from '../../listener/listener.ts'
import { peerOf } from '../../listener/peer-of.ts'
import { UNIX } from '../../service/identity/trusted-peers.ts'
import type { Service } from '../../service/service.ts'
import type { Transport } from '../../service/transport.ts'
import { appTransport } from './app-transport.ts'
import { explainMistake } from './explain-mistake.ts'
import { FastCounts } from './fast/fast-counts.ts'
import { accelerate, type FastPath } from './fast/fast-path.ts'
import { fastFailure, fastRoutes } from './fast-routes.ts'
import { DECISION_BODY } from './routes/decisions.ts'
import { createHttpServer } from './server.ts'
import { HTTP } from './transport-name.ts'

/** How the HTTP API listens. */
export interface HttpTransportOptions extends ListenerOptions {
  /**
   * Whether requests that are known completely are answered in front of the server that knows all of HTTP.
   * @default true
   */
  readonly hasFastPath?: boolean
}

/** The HTTP API as a transport of a service. */
export function createHttpTransport(
  service: Service,
  { hasFastPath = true, ...options }: HttpTransportOptions,
): Transport {
  const app = createHttpServer(service, { tls: options.tls })
  const parts = { ...options, service, name: HTTP }
  if (!hasFastPath) return appTransport(app, parts)
  const counts = new FastCounts()
  const fastPath = fastPathOf(app, service, counts)
  return { ...appTransport(app, { ...parts, fastPath }), fastPath: () => counts }
}

function fastPathOf(app: FastifyInstance, service: Service, counts: FastCounts): FastPath {
  // It listens once it is ready.
  let check: (body: unknown) => Error | null
  app.addHook('onReady', (done) => {
    check = checkOf(app)
    done()
  })
  return accelerate(app.server, {
    routes: fastRoutes(service, { transport: HTTP, mistakeOf: (body) => check(body) }),
    onFailure: fastFailure(service, HTTP),
    onAnswered: () => {
      counts.answered++
    },
    onHandOver: (reason) => {
      counts.handedOver[reason]++
    },
    onCutOff: (reason) => service.tell('connection-refused', { transport: HTTP, reason }),
    peerOf: peerKeys(service),
  })
}

/** What the ordinary routes check bodies with, and explain mistakes by. */
function checkOf(app: FastifyInstance): (body: unknown) => Error | null {
  const compile = app.validatorCompiler
  if (compile === undefined)
    throw new TypeError('a server of HTTP has a compiler of schemas once it is ready')
  const validate = compile({ schema: DECISION_BODY, method: 'POST', url: '/v1/consume', httpPart: 'body' })
  return (body) => (validate(body) === true ? null : explainMistake(validate.errors ?? [], 'body'))
}

/** As connections are counted: a trusted proxy asks for many, and those of a Unix socket have no address. */
function peerKeys(service: Service): (socket: Socket) => string | null {
  const keyOf = compileAddressKey()
  return (socket) => {
    const peer = peerOf(socket)
    if (peer === undefined || peer === UNIX || service.configuration().sources.trusted.has(peer)) return null
    return keyOf(peer)
  }
}
