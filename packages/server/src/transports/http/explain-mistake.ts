import type { FastifySchemaValidationError } from 'fastify'
import type { HeadgateError } from 'headgate'
import { suggest } from 'headgate/errors'
import { badRequest } from '../../service/describe-failure.ts'
import { FIELDS, type Field, kindOf } from './body-fields.ts'

/** What the validator has found, with the value it looked at. */
type Finding = FastifySchemaValidationError & { readonly data?: unknown }

type Fields = Readonly<Record<string, unknown>>

/** The error of a body or query that does not fit its schema. */
export function explainMistake(findings: readonly Finding[], part: string): HeadgateError {
  // Findings of the branches of a choice come first; the last one says what the choice was.
  const finding = findings.at(-1) as Finding
  return part === 'querystring' ? queryMistake(finding) : bodyMistake(finding)
}

function bodyMistake({ instancePath, data, params, parentSchema }: Finding & Schema): HeadgateError {
  const [name, ...inside] = stepsOf(instancePath)
  if (name !== undefined) return fieldMistake(name, inside, data)
  const known = Object.keys(parentSchema?.properties ?? {})
  if (data === undefined || data === null)
    return badRequest(`the body is empty; send an object of ${known.join(', ')}`, '')
  if (!isObject(data))
    return badRequest(`the body is ${kindOf(data)}, not an object of ${known.join(', ')}`, '')
  const unknown = Object.keys(data).find((field) => !known.includes(field))
  if (unknown !== undefined) return unknownField(unknown, data, known)
  const missing = params['missingProperty']
  if (typeof missing === 'string' && params['passingSchemas'] === undefined) {
    return badRequest(`${missing} is missing; the fields are ${known.join(', ')}`, missing)
  }
  return params['passingSchemas'] === null
    ? badRequest('say whose request it is: "attributes": { … } or "key": "…"', 'attributes')
    : badRequest('give "attributes" or "key", not both: a key is short for the attribute "key"', 'key')
}

interface Schema {
  readonly parentSchema?: { readonly properties?: object }
}

function fieldMistake(name: string, inside: readonly string[], value: unknown): HeadgateError {
  const { code, mistake, mistakeInside = mistake }: Field = FIELDS[name as keyof typeof FIELDS]
  const message = inside.length === 0 ? mistake(value) : mistakeInside(value)
  return badRequest(message, [name, ...inside.map(cut)].join('.'), code)
}

function unknownField(name: string, body: Fields, known: readonly string[]): HeadgateError {
  // What looks like an attribute is likely to be one that was put beside the others.
  const beside = typeof body[name] === 'string' ? '; attributes belong inside "attributes"' : ''
  return badRequest(`unknown field ${JSON.stringify(cut(name))}${suggest(name, known)}${beside}`, cut(name))
}

function queryMistake({ instancePath, data, params, parentSchema }: Finding & Schema): HeadgateError {
  const [name] = stepsOf(instancePath)
  if (name !== undefined) {
    if (Array.isArray(data)) return badRequest(`give ${name} once`, `query.${name}`)
    const values = params['allowedValues']
    if (Array.isArray(values)) return badRequest(`${name} is one of ${values.join(', ')}`, `query.${name}`)
    const [only] = [params['allowedValue']].flat()
    return badRequest(`the only ${name} to ask for is ${only}, as in ?${name}=${only}`, `query.${name}`)
  }
  const known = Object.keys(parentSchema?.properties ?? {})
  const unknown = cut(String(params['additionalProperty']))
  const fix = known.length === 0 ? '; there are none here' : suggest(unknown, known)
  return badRequest(`unknown parameter ${JSON.stringify(unknown)}${fix}`, 'query')
}

/** The steps of a JSON pointer (RFC 6901). */
function stepsOf(pointer: string): string[] {
  const [, ...steps] = pointer.split('/')
  return steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function cut(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
