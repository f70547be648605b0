import type { Service } from '../../service/service.ts'
import { traceOf } from '../../service/traced-service.ts'
import { type CallMessage, FastMessage } from './call-message.ts'
import { type DecidingVerb, type DecisionCall, decideBody } from './decide-body.ts'
import { decodeAscii, decodeJson } from './decode.ts'
import { failureAnswer } from './encode.ts'
import type { FastAnswer, FastHandler, FastRequest } from './fast/fast-path.ts'
import { readCredential } from './read-credential.ts'
import { ASKS_CONFIG, usualFields } from './usual-fields.ts'

/** What is asked most. */
const VERBS: readonly DecidingVerb[] = ['consume', 'peek']

/** What the fast path needs of the ordinary server. */
export interface FastRoutesOptions {
  /** Name of the transport. */
  readonly transport: string
  /** What is wrong with a body by the schema of the route, as its server says it; null: nothing. */
  readonly mistakeOf: (body: unknown) => Error | null
}

/** The questions that the fast path answers, as the ordinary routes of the same targets do. */
export function fastRoutes(service: Service, options: FastRoutesOptions): ReadonlyMap<string, FastHandler> {
  return new Map(
    VERBS.flatMap((verb) => [
      [`/v1/${verb}`, decideFast(service, { ...options, verb, always200: false })],
      [`/v1/${verb}?status=200`, decideFast(service, { ...options, verb, always200: true })],
    ]),
  )
}

/** The answer to a request that failed after it was taken. */
export function fastFailure(
  service: Service,
  transport: string,
): (reason: unknown, call?: Pick<CallMessage, 'field'>) => FastAnswer {
  return (reason, call) => withUsual(failureAnswer(service.fail(reason, { transport })), service, call)
}

type Question = FastRoutesOptions & Pick<DecisionCall, 'verb' | 'always200'>

function decideFast(service: Service, { transport, mistakeOf, verb, always200 }: Question): FastHandler {
  const failed = fastFailure(service, transport)
  return (request) => {
    const call = new FastMessage(request)
    try {
      const caller = service.callerOf(readCredential(call, false))
      const body = readBody(request, mistakeOf)
      const trace = traceOf(call.field('traceparent'))
      const answer = decideBody({ verb, body, call, service: caller, transport, trace, always200 })
      if (!(answer instanceof Promise)) return withUsual(answer, service, call)
      return answer.then(
        (late) => withUsual(late, service, call),
        (reason: unknown) => failed(reason, call),
      )
    } catch (reason) {
      return failed(reason, call)
    }
  }
}

function readBody(request: FastRequest, mistakeOf: FastRoutesOptions['mistakeOf']): DecisionCall['body'] {
  const text = request.bodyText
  const body = ASCII.test(text) ? decodeAscii(text) : decodeJson(request.body)
  const mistake = mistakeOf(body)
  if (mistake !== null) throw mistake
  return body as DecisionCall['body']
}

/** A blank between, as JSON has them, and whatever is printable. */
const ASCII = /^[\t\n\r\x20-\x7e]+$/

function withUsual(answer: FastAnswer, service: Service, call?: Pick<CallMessage, 'field'>): FastAnswer {
  const fields = answer.fields.slice()
  for (const usual of usualFields(service, call?.field(ASKS_CONFIG) !== undefined)) {
    if (!hasField(answer, usual[0])) fields.push(usual)
  }
  return { status: answer.status, fields, body: answer.body }
}

function hasField({ fields }: FastAnswer, name: string): boolean {
  for (const field of fields) if (field[0] === name) return true
  return false
}
