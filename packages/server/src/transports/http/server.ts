import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import { httpProblem } from 'headgate/http'
import { atField, badRequest, describeFailure, type Failure } from '../../service/describe-failure.ts'
import type { Service } from '../../service/service.ts'
import { decodeAsk, decodeJson, decodeReset } from './decode.ts'
import { sendClientError, sendDecision, sendFailure, sendProblem } from './encode.ts'

/** What the HTTP transport is made of. */
export interface HttpOptions {
  readonly service: Service
  /** Told of every failure that is not the caller's. */
  readonly onFailure: (failure: Failure) => void
}

const BODY_LIMIT = 64 * 1024
/** A whole request has to arrive within this. */
const REQUEST_TIMEOUT_MS = 10_000

const METHODS: Readonly<Record<string, string>> = {
  '/v1/consume': 'POST',
  '/v1/peek': 'POST',
  '/v1/reset': 'POST',
  '/v1/policies': 'GET, HEAD',
  '/livez': 'GET, HEAD',
  '/readyz': 'GET, HEAD',
}

/** Creates the HTTP API over a service; it does not listen yet. */
export function createHttpServer({ service, onFailure }: HttpOptions): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // Node looks for late requests every 30 s unless told otherwise.
    http: { headersTimeout: REQUEST_TIMEOUT_MS, connectionsCheckingInterval: 1000 },
    // While it closes, requests on open connections are still answered, with `Connection: close`.
    return503OnClosing: false,
    clientErrorHandler: sendClientError,
    frameworkErrors: (error, _request, reply) => void sendHttpError(error, reply),
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (_: unknown, body: Buffer) =>
    decodeJson(body),
  )
  let closing = false
  app.addHook('preClose', async () => {
    closing = true
  })
  app.addHook('onSend', async (_, reply) => {
    // A stored 429 would go on denying (RFC 6585, section 4).
    void reply.header('cache-control', 'no-store')
    // Node waits for a connection that is kept alive; Fastify marks only requests that arrive from now on.
    if (closing) void reply.header('connection', 'close')
  })
  app.setErrorHandler((error: unknown, _, reply) => {
    if (isHttpError(error)) return sendHttpError(error, reply)
    const failure = describeFailure(error)
    if (!failure.isCallers) onFailure(failure)
    return sendFailure(reply, failure)
  })
  app.setNotFoundHandler(sendNotFound)
  addRoutes(app, service)
  return app
}

function addRoutes(app: FastifyInstance, service: Service): void {
  app.post('/v1/consume', (request, reply) => answer(request, reply, service.consume))
  app.post('/v1/peek', (request, reply) => answer(request, reply, service.peek))
  app.post('/v1/reset', async (request, reply) => {
    checkQuery(request, [])
    const ask = decodeReset(request.body)
    await service.reset(ask).catch(rethrowAtField)
    return reply.code(204).send()
  })
  app.get('/v1/policies', () => service.policies())
  app.get('/livez', () => ({ live: true }))
  app.get('/readyz', async (_, reply) => {
    const state = await service.readiness()
    if (state.ready) return state
    return sendFailure(reply, state, { ready: false })
  })
}

async function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  verb: Service['consume'],
): Promise<FastifyReply> {
  const always200 = checkQuery(request, ['status'])
  const decision = await verb(decodeAsk(request.body)).catch(rethrowAtField)
  return sendDecision(reply, decision, always200)
}

/** Whether `?status=200` was given; anything else in the query is a mistake. */
function checkQuery({ query }: FastifyRequest, known: readonly string[]): boolean {
  for (const [name, value] of Object.entries(query as Record<string, unknown>)) {
    if (!known.includes(name)) {
      const fix = known.length === 0 ? 'there are none here' : `known are ${known.join(', ')}`
      throw badRequest(`unknown parameter ${JSON.stringify(name.slice(0, 60))}; ${fix}`, 'query')
    }
    if (value !== '200')
      throw badRequest('the only status to ask for is 200, as in ?status=200', 'query.status')
  }
  return Object.hasOwn(query as object, 'status')
}

const FIELDS: Readonly<Record<string, string>> = {
  'invalid-cost': 'cost',
  'invalid-key': 'attributes',
  'unknown-policy': 'policy',
}

/** The library does not know what the fields of the body are called. */
function rethrowAtField(reason: unknown): never {
  const path = FIELDS[describeFailure(reason).code]
  throw path === undefined ? reason : atField(reason, path)
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

function sendNotFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const [path = ''] = request.url.split('?')
  const methods = Object.hasOwn(METHODS, path) ? METHODS[path] : undefined
  if (methods === undefined) return sendProblem(reply, httpProblem(404, `nothing is here; try ${PATHS}`))
  void reply.header('allow', methods)
  return sendProblem(reply, httpProblem(405, `this takes ${methods}`))
}

const PATHS = Object.keys(METHODS).join(', ')
