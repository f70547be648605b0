import type { Socket } from 'node:net'
import type { FastifyReply } from 'fastify'
import type { Decision } from 'headgate'
import {
  additionsOf,
  type ErrorDescription,
  httpProblem,
  type PolicyAnswer,
  PROBLEM_JSON,
  type Problem,
  problemOf,
} from 'headgate/http'
import type { ConfigurationInForce } from '../../service/in-force.ts'
import type { Service } from '../../service/service.ts'

/** How a decision is answered. */
export interface DecisionAnswer {
  /** Denials have 429 unless they are to have 200 as well. */
  readonly always200: boolean
  readonly service: Pick<Service, 'seal'>
  /** What it was decided under. */
  readonly inForce: ConfigurationInForce
  /** By which the denial is found again; null or absent where it is none. */
  readonly id?: string | null | undefined
  /** Fields beside those of the decision. */
  readonly more?: object
}

/**
 * Answers with a decision, to somebody who answers somebody else: what policies add to that answer is data here, `headers` and
 * `response` beside the decision.
 */
export async function sendDecision(
  reply: FastifyReply,
  decision: Decision,
  { always200, service, inForce, id, more }: DecisionAnswer,
): Promise<FastifyReply> {
  const status = decision.allowed || always200 ? 200 : 429
  const body = await decisionBody(decision, { service, inForce, id })
  sendHash(reply, inForce)
  return reply
    .code(status)
    .headers(inForce.writeHeaders(decision))
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(more === undefined ? body : { ...body, ...more }))
}

/** A decision as a body has it: its receipt is a text, which nobody can make but the service. */
export async function decisionBody(
  decision: Decision,
  { service, inForce, id = null }: Pick<DecisionAnswer, 'service' | 'inForce' | 'id'>,
): Promise<object> {
  const { receipt } = decision
  const sealed = receipt === null ? null : service.seal(receipt)
  const plain = { ...decision, receipt: sealed instanceof Promise ? await sealed : sealed }
  const body = id === null ? plain : { ...plain, id }
  const { answers } = inForce
  return answers.size === 0 ? body : { ...body, ...additions(decision, answers) }
}

function additions(decision: Decision, answers: ReadonlyMap<string, PolicyAnswer>): object {
  const { headers, response } = additionsOf(decision, answers)
  return { ...(Object.keys(headers).length > 0 && { headers }), ...(response && { response }) }
}

/** Names a configuration in the answer where the request asks for it, unless that is done already. */
export function sendHash(reply: FastifyReply, { hash }: Pick<ConfigurationInForce, 'hash'>): void {
  if (reply.request.headers['headgate-hash'] === undefined || reply.hasHeader('headgate-config')) return
  void reply.header('headgate-config', hash)
}

/** Answers with the document of a failure, and when to come again where that is known; `more` members replace its own. */
export function sendFailure(
  reply: FastifyReply,
  failure: ErrorDescription,
  more: { readonly [member: string]: unknown; readonly status?: number } = {},
): FastifyReply {
  const { code, retryAfterSeconds } = failure
  if (retryAfterSeconds !== null) void reply.header('retry-after', String(retryAfterSeconds))
  // RFC 6750, section 3.1.
  if (code === 'unauthenticated') void reply.header('www-authenticate', 'Bearer error="invalid_token"')
  if (code === 'forbidden') void reply.header('www-authenticate', 'Bearer error="insufficient_scope"')
  return sendProblem(reply, { ...problemOf(failure), ...more })
}

/** Answers with a problem document. */
export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  return reply.code(problem.status).type(PROBLEM_JSON).send(JSON.stringify(problem))
}

/** Answers bytes that are no HTTP request, on the bare socket. */
export function sendClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const problem =
    error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? httpProblem(408, 'the request did not arrive in time')
      : error.code === 'HPE_HEADER_OVERFLOW'
        ? httpProblem(431, 'the headers are too large')
        : httpProblem(400, 'this is not an HTTP request')
  const body = JSON.stringify(problem)
  const head = [
    `HTTP/1.1 ${problem.status} ${problem.title}`,
    `content-type: ${PROBLEM_JSON}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}
