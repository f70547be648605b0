import type { Decision, Denied } from '../core/decision.ts'
import { invalid, wrong } from '../core/errors.ts'
import { checkFields, isRecord, isWhole } from '../core/validate.ts'
import { type HttpAnswer, statusOf } from '../http/answer.ts'
import { denialBody } from '../http/denial-body.ts'
import { checkField } from './check-field.ts'
import { andThen, type MaybePromise } from './maybe-promise.ts'
import type { DecisionContext, DeniedResponse, RequestPart } from './rate-limit-options.ts'

/** Makes the response to a denial, but for the fields that all denials have and those that tell of limits. */
export type Deny<R> = (denial: Denial<R>) => MaybePromise<HttpAnswer>

/** A denial that has to be answered. */
export interface Denial<R> {
  readonly decision: Denied
  readonly context: DecisionContext<R>
  /** Whether header fields tell of limits, so that the body may as well. */
  readonly tellsLimits: boolean
}

const PATH = 'options.response'

/** Compiles `response`; a mistake is an `invalid-options` error, for what a function returns when it is called. */
export function compileResponse<R>(response: RequestPart<R>['response'] = 'problem'): Deny<R> {
  if (typeof response === 'function') {
    return ({ decision, context }) =>
      andThen(response(decision, context), (given) => answerOf(checkResponse(given), decision))
  }
  if (isRecord(response)) {
    const given = checkResponse(response)
    return ({ decision }) => answerOf(given, decision)
  }
  if (response !== 'problem' && response !== 'json' && response !== 'text') {
    const fix = 'use problem, json, text, { status, headers, body }, or a function that returns one'
    throw wrong(response, `is no response; ${fix}`, PATH)
  }
  return ({ decision, tellsLimits }) => {
    const status = statusOf(decision)
    const { type, body } = denialBody(decision, { style: response, status, tellsLimits })
    return { status, headers: { 'content-type': type }, body }
  }
}

function checkResponse(given: DeniedResponse): DeniedResponse {
  checkFields(given, ['status', 'headers', 'body'], PATH)
  const { status = 429, headers = {} } = given
  if (!isWhole(status, 200) || status > 599)
    throw wrong(status, 'is no status; use 200 to 599', `${PATH}.status`)
  if (!isRecord(headers)) throw wrong(headers, 'is not a map of header fields', `${PATH}.headers`)
  for (const [name, value] of Object.entries(headers)) checkField(name, value, `${PATH}.headers`)
  return given
}

function answerOf({ status, headers, body = '' }: DeniedResponse, decision: Decision): HttpAnswer {
  const isText = typeof body === 'string'
  const type = isText ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8'
  const text = isText ? body : JSON.stringify(body)
  if (text === undefined) throw invalid(`${PATH}.body`, 'it has no form as JSON; use a text or plain data')
  const own = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value])
  const typed = text === '' ? {} : { 'content-type': type }
  return {
    status: status ?? statusOf(decision),
    headers: { ...typed, ...Object.fromEntries(own) },
    body: text,
  }
}
