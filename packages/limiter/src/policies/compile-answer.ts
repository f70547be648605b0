import { invalid, show, wrong } from '../core/errors.ts'
import {
  FIELD_VALUE_MAX,
  FIELDS_MAX,
  isFieldName,
  isFieldValue,
  isFramingField,
} from '../core/header-field.ts'
import type { HeaderFields, PolicyAnswer, ResponseOptions } from '../core/policy-answer.ts'
import type { PolicyOptions } from '../core/policy-options.ts'
import { checkFields, isRecord, isWhole } from '../core/validate.ts'

/** Longest body in bytes. */
const BODY_BYTES_MAX = 16 * 1024

/** What every answer has of its own. */
const OWN = /^(cache-control|retry-after|(x-)?ratelimit.*|headgate-.*)$/
const CONTENT_TYPE = 'content-type'

/**
 * What policies add to answers, by their names; policies that add nothing are left out. A mistake is an `invalid-options` error.
 *
 * ```ts
 * const answers = policyAnswers(limiter.policies.list())
 * const { status, headers, body } = answerTo(decision, { answers }) // answerTo is in headgate/http
 * ```
 */
export function policyAnswers(policies: readonly PolicyOptions[]): ReadonlyMap<string, PolicyAnswer> {
  const answers = new Map<string, PolicyAnswer>()
  policies.forEach((policy, i) => {
    const answer = compileAnswer(policy, `policies[${i}]`)
    if (answer !== null) answers.set(policy.name, answer)
  })
  return answers
}

/** What one policy adds to answers; null where that is nothing. A mistake is an error below `path`. */
export function compileAnswer(
  { headers, response }: Pick<PolicyOptions, 'headers' | 'response'>,
  path: string,
): PolicyAnswer | null {
  if (headers === undefined && response === undefined) return null
  const fields = compileFields(headers, `${path}.headers`)
  if (CONTENT_TYPE in fields) {
    const fix = 'it belongs to a body: say it in the headers of response'
    throw invalid(`${path}.headers`, `${CONTENT_TYPE} cannot be set for every response; ${fix}`)
  }
  return { headers: fields, response: compileResponse(response, `${path}.response`) }
}

function compileResponse(response: ResponseOptions | undefined, path: string): PolicyAnswer['response'] {
  if (response === undefined) return null
  checkFields(response, ['status', 'body', 'headers'], path)
  const { status = 429, body = '', headers } = response
  if (!isWhole(status, 400) || status > 599) {
    throw wrong(status, 'is not the status of a denial; use 400 to 599', `${path}.status`)
  }
  if (typeof body !== 'string' || new TextEncoder().encode(body).length > BODY_BYTES_MAX) {
    throw wrong(body, `is not a text of up to ${BODY_BYTES_MAX} bytes`, `${path}.body`)
  }
  const type = body === '' ? {} : { [CONTENT_TYPE]: 'text/plain; charset=utf-8' }
  return { status, body, headers: { ...type, ...compileFields(headers, `${path}.headers`) } }
}

function compileFields(given: HeaderFields = {}, path: string): HeaderFields {
  if (!isRecord(given)) throw wrong(given, 'is not a map of header fields; write { name: value }', path)
  const entries = Object.entries(given)
  if (entries.length > FIELDS_MAX) {
    throw invalid(path, `${entries.length} header fields are too many; use up to ${FIELDS_MAX}`)
  }
  const fields: Record<string, string> = {}
  for (const [given, value] of entries) {
    const name = given.toLowerCase()
    checkFieldName(given, name, path)
    if (Object.hasOwn(fields, name)) throw invalid(path, `${show(name)} is there twice; keep one`)
    if (typeof value !== 'string' || !isFieldValue(value)) {
      const fix = `use up to ${FIELD_VALUE_MAX} characters of printable ASCII, in one line`
      throw wrong(value, `is not the value of a header field; ${fix}`, `${path}.${given}`)
    }
    fields[name] = value
  }
  return fields
}

function checkFieldName(given: string, name: string, path: string): void {
  if (!isFieldName(name)) {
    throw invalid(path, `${show(given)} is not the name of a header field; use letters, digits and dashes`)
  }
  if (isFramingField(name) || OWN.test(name)) {
    throw invalid(path, `${show(given)} is set by the server or by Headgate itself; leave it out`)
  }
}
