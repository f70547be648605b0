import type { IncomingMessage } from 'node:http'
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import { httpProblem } from 'headgate/http'
import {
  HEADER_BYTES_MAX,
  IDLE_TIMEOUT_MS,
  LATE_CHECK_MS,
  REQUEST_TIMEOUT_MS,
} from '../../listener/listener-limits.ts'
import type { TlsInForce } from '../../listener/tls-in-force.ts'
import type { Service } from '../../service/service.ts'
import { tracedService } from '../../service/traced-service.ts'
import { BODY_LIMIT } from './body-limit.ts'
import { callMessage } from './call-message.ts'
import { decodeJson } from './decode.ts'
import { discardBody } from './discard-body.ts'
import { asksConfig, sendClientError, sendFailure, sendProblem } from './encode.ts'
import { explainMistake } from './explain-mistake.ts'
import { methodsOf, type Route } from './http-route.ts'
import { readCredential } from './read-credential.ts'
import { HTTP_ROUTES } from './routes.ts'
import { HTTP } from './transport-name.ts'
import { usualFields } from './usual-fields.ts'

/** What a server answers, and its name. */
export interface ServerOptions {
  /** @default those of the HTTP API */
  readonly routes?: readonly Route[]
  /**
   * Names it in events.
   * @default 'http'
   */
  readonly transport?: string
  /**
   * Null where connections are not encrypted.
   * @default null
   */
  readonly tls?: TlsInForce | null
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The service as the caller may use it; null before that is known. */
    caller: Service | null
  }
}

/** Creates an HTTP server over a service; it does not listen yet. */
export function createHttpServer(
  service: Service,
  { routes = HTTP_ROUTES, transport = HTTP, tls = null }: ServerOptions = {},
): FastifyInstance {
  const server = {
    headersTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: LATE_CHECK_MS,
    maxHeaderSize: HEADER_BYTES_MAX,
    // Node would answer with a bare 400; a hook below tells why.
    requireHostHeader: false,
  }
  const app = fastify({
    logger: false,
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: IDLE_TIMEOUT_MS,
    ...(tls === null ? { http: server } : { https: { ...server, ...tls.serverOptions() } }),
    // While it closes, requests on open connections are still answered, with `Connection: close`.
    return503OnClosing: false,
    clientErrorHandler: sendClientError,
    frameworkErrors: (error, _request, reply) => void sendHttpError(error, reply),
    // Nothing is converted, so that `"5"` is no cost. Findings bring the value along, for the sentence about it.
    ajv: {
      customOptions: {
        coerceTypes: false,
        useDefaults: false,
        removeAdditional: false,
        allowUnionTypes: true,
        strictRequired: false,
        strictTypes: false,
        verbose: true,
      },
    },
    schemaErrorFormatter: explainMistake,
  })
  // Nothing has to come of an expectation (RFC 9110, section 10.1.1); Node would answer with a bare 417.
  app.server.on('checkExpectation', (message, response) => app.server.emit('request', message, response))
  app.removeAllContentTypeParsers()
  // With a callback: Fastify would wait some turns for a promise.
  app.addContentTypeParser<Buffer>(
    ['application/json', 'application/merge-patch+json'],
    { parseAs: 'buffer' },
    (_, body, done) => done(null, body),
  )
  addHooks(app, service)
  app.setErrorHandler((error: unknown, _, reply) => {
    if (isHttpError(error)) return sendHttpError(error, reply)
    return sendFailure(reply, service.fail(error, { transport }))
  })
  addRoutes(app, { service, routes, transport })
  return app
}

// With callbacks: a promise would put off the answer, and Fastify listens to the stream of a reply that was not sent at once.
function addHooks(app: FastifyInstance, service: Service): void {
  app.addHook('onRequest', ({ raw }, reply, done) => {
    // RFC 9112, section 3.2.
    const hosts = hostsOf(raw)
    if (hosts === 1 || (hosts === 0 && raw.httpVersion !== '1.1')) return done()
    const what = hosts === 0 ? 'missing; HTTP/1.1 needs it' : 'there more than once; send one'
    void sendProblem(reply, httpProblem(400, `the header field host is ${what}`))
  })
  // Not in the parser: Fastify ends a connection whose body a parser refuses, and this one is read to its end.
  app.addHook('preValidation', (request, _, done) => {
    try {
      if (Buffer.isBuffer(request.body)) request.body = decodeJson(request.body)
      done()
    } catch (reason) {
      done(reason as Error)
    }
  })
  app.addHook('onSend', (_, reply, ...[, done]) => {
    for (const [name, value] of usualFields(service, asksConfig(reply))) {
      if (!reply.hasHeader(name)) void reply.header(name, value)
    }
    done()
  })
}

/** How often the field is there: in `headers` Node has the first one alone. */
function hostsOf({ rawHeaders }: IncomingMessage): number {
  let count = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string
    if (name.length === 4 && name.toLowerCase() === 'host') count++
  }
  return count
}

interface Served extends Required<Omit<ServerOptions, 'tls'>> {
  readonly service: Service
}

function addRoutes(app: FastifyInstance, { service, routes, transport }: Served): void {
  app.decorateRequest('caller', null)
  for (const { method, path, body, query, handler, ignoresBody, isOpen, isForwarded = false } of routes) {
    const schema = { ...(body && { body }), ...(query && { querystring: query }) }
    // Before anything of the body is read. With a callback, as above.
    const identify = (request: FastifyRequest, _: FastifyReply, done: (reason?: Error) => void): void => {
      try {
        const caller =
          isOpen === true ? service : service.callerOf(readCredential(callMessage(request), isForwarded))
        request.caller = tracedService(caller, request.headers['traceparent']?.toString())
        done()
      } catch (reason) {
        done(reason as Error)
      }
    }
    const exchange = (request: FastifyRequest, reply: FastifyReply): unknown =>
      handler({ request, reply, service: request.caller as Service, transport })
    const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> =>
      exchange(request, reply)
    // An answer by a hook comes before Fastify looks at what the body is.
    const onRequest = ignoresBody === true ? [identify, discardBody, answer] : [identify, refuseCoding]
    app.route({ method, url: path, schema, onRequest, handler: exchange })
  }
  const methods = methodsOf(routes)
  const paths = [...new Set(routes.map(({ path }) => path))]
  app.setNotFoundHandler((request, reply) => sendNotFound({ methods, paths }, request, reply))
}

const IDENTITY = 'identity'

function refuseCoding({ headers }: FastifyRequest, reply: FastifyReply, done: () => void): void {
  const coding = headers['content-encoding'] ?? IDENTITY
  if (coding.toLowerCase() === IDENTITY) {
    done()
    return
  }
  // Nothing is unpacked: 64 KiB can hold hundreds of megabytes.
  const detail = `send the body as it is, not as content-encoding: ${coding.slice(0, 60)}`
  void sendProblem(reply, httpProblem(415, detail))
}

interface HttpError {
  readonly statusCode: number
}

/** Whether Fastify refused the request; its own failures are ours. */
function isHttpError(error: unknown): error is Partial<HttpError> {
  // A client that leaves in the middle of a body is no defect of ours.
  if (error instanceof Error && 'code' in error && error.code === 'ECONNRESET') return true
  if (!(error instanceof Error && 'statusCode' in error)) return false
  return String(Reflect.get(error, 'code')).startsWith('FST_') && Number(error.statusCode) < 500
}

function sendHttpError({ statusCode = 400 }: Partial<HttpError>, reply: FastifyReply): FastifyReply {
  return sendProblem(reply, httpProblem(statusCode, HTTP_DETAILS[statusCode] ?? 'the request is malformed'))
}

const HTTP_DETAILS: Readonly<Record<number, string>> = {
  413: 'the body is larger than 64 KiB',
  415: 'send the body as content-type: application/json',
}

interface Known {
  readonly methods: ReturnType<typeof methodsOf>
  readonly paths: readonly string[]
}

function sendNotFound({ methods, paths }: Known, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const [path = ''] = request.url.split('?')
  const allowed = methods(path)
  if (allowed === undefined) {
    return sendProblem(reply, httpProblem(404, `nothing is here; try ${paths.join(', ')}`))
  }
  void reply.header('allow', allowed)
  return sendProblem(reply, httpProblem(405, `this takes ${allowed}`))
}
