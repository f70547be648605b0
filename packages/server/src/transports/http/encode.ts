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
import { decisionText, isUsual } from './decision-text.ts'
import type { HttpAnswer } from './http-answer.ts'
import { ASKS_CONFIG, CONFIG } from './usual-fields.ts'

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

const JSON_TYPE = ['content-type', 'application/json; charset=utf-8'] as const

/**
 * The answer with a decision, to somebody who answers somebody else: what policies add to that answer is data here, `headers` and
 * `response` beside the decision. A promise only in the first moments of a service.
 */
export function decisionAnswer(
  decision: Decision,
  options: DecisionAnswer & { readonly asksConfig: boolean },
): HttpAnswer | Promise<HttpAnswer> {
  const { always200, inForce, asksConfig } = options
  const fields: (readonly [string, string])[] = asksConfig ? [[CONFIG, inForce.hash]] : []
  const told = inForce.writeHeaders(decision)
  for (const name in told) fields.push([name, told[name] as string])
  fields.push(JSON_TYPE)
  const status = decision.allowed || always200 ? 200 : 429
  const body = bodyText(decision, options)
  return body instanceof Promise
    ? body.then((late) => ({ status, fields, body: late }))
    : { status, fields, body }
}

function bodyText(
  decision: Decision,
  { service, inForce, id, more }: DecisionAnswer,
): string | Promise<string> {
  if (more === undefined && inForce.answers.size === 0 && isUsual(decision)) {
    const sealed = sealedReceipt(decision, service)
    if (!(sealed instanceof Promise)) return decisionText(decision, sealed, id ?? null)
  }
  const body = decisionBody(decision, { service, inForce, id })
  const write = (plain: object): string => JSON.stringify(more === undefined ? plain : { ...plain, ...more })
  return body instanceof Promise ? body.then(write) : write(body)
}

function sealedReceipt(
  { receipt }: Decision,
  service: Pick<Service, 'seal'>,
): string | null | Promise<string | null> {
  return receipt === null ? null : service.seal(receipt)
}

/** Answers with a decision, as {@link decisionAnswer} has it. */
export async function sendDecision(
  reply: FastifyReply,
  decision: Decision,
  options: DecisionAnswer,
): Promise<FastifyReply> {
  return sendAnswer(reply, await decisionAnswer(decision, { ...options, asksConfig: asksConfig(reply) }))
}

/** A decision as a body has it: its receipt is a text, which nobody can make but the service. */
export function decisionBody(
  decision: Decision,
  { service, inForce: { answers }, id }: Pick<DecisionAnswer, 'service' | 'inForce' | 'id'>,
): object | Promise<object> {
  const body = (receipt: string | null): object => ({
    ...decision,
    receipt,
    ...(id != null && { id }),
    ...(answers.size > 0 && additions(decision, answers)),
  })
  const sealed = sealedReceipt(decision, service)
  return sealed instanceof Promise ? sealed.then(body) : body(sealed)
}

function additions(decision: Decision, answers: ReadonlyMap<string, PolicyAnswer>): object {
  const { headers, response } = additionsOf(decision, answers)
  return { ...(Object.keys(headers).length > 0 && { headers }), ...(response && { response }) }
}

/** Names a configuration in the answer where the request asks for it, unless that is done already. */
export function sendHash(reply: FastifyReply, { hash }: Pick<ConfigurationInForce, 'hash'>): void {
  if (asksConfig(reply) && !reply.hasHeader(CONFIG)) void reply.header(CONFIG, hash)
}

/** Whether the request of a reply asks which configuration is in force. */
export function asksConfig({ request }: FastifyReply): boolean {
  return request.headers[ASKS_CONFIG] !== undefined
}

/** The answer with the document of a failure, and when to come again where that is known; `more` members replace its own. */
export function failureAnswer(failure: ErrorDescription, more: ProblemMembers = {}): HttpAnswer {
  const { code, retryAfterSeconds } = failure
  const { status, fields, body } = problemAnswer({ ...problemOf(failure), ...more })
  const told: [string, string][] = []
  if (retryAfterSeconds !== null) told.push(['retry-after', String(retryAfterSeconds)])
  // RFC 6750, section 3.1.
  if (code === 'unauthenticated') told.push(['www-authenticate', 'Bearer error="invalid_token"'])
  if (code === 'forbidden') told.push(['www-authenticate', 'Bearer error="insufficient_scope"'])
  return { status, fields: [...told, ...fields], body }
}

/** Members of a problem document. */
export interface ProblemMembers {
  readonly [member: string]: unknown
  readonly status?: number
}

function problemAnswer(problem: Problem): HttpAnswer {
  const fields = [['content-type', `${PROBLEM_JSON}; charset=utf-8`]] as const
  return { status: problem.status, fields, body: JSON.stringify(problem) }
}

/** Answers with the document of a failure, as {@link failureAnswer} has it. */
export function sendFailure(
  reply: FastifyReply,
  failure: ErrorDescription,
  more: ProblemMembers = {},
): FastifyReply {
  return sendAnswer(reply, failureAnswer(failure, more))
}

/** Answers with a problem document. */
export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  return sendAnswer(reply, problemAnswer(problem))
}

/** Sends an answer by Fastify. */
export function sendAnswer(reply: FastifyReply, { status, fields, body }: HttpAnswer): FastifyReply {
  for (const [name, value] of fields) void reply.header(name, value)
  return reply.code(status).send(body)
}

/** Answers bytes that are no HTTP request, on the bare socket. */
export function sendClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  // More of the same: what was answered before is still on its way, over TLS at least.
  if (error.code?.startsWith('HPE_') && socket.writableEnded && !socket.writableFinished) return
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
