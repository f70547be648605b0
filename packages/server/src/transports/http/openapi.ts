import { PROBLEM_JSON } from 'headgate/http'
import { SCHEMAS, schemaRef } from './answer-schemas.ts'
import type { Answer, Route } from './http-route.ts'
import type { JsonSchema } from './json-schema.ts'

/** A document of OpenAPI 3.1, as far as it is read here. */
export interface OpenApiDocument {
  readonly openapi: string
  readonly info: object
  readonly paths: Readonly<Record<string, Readonly<Record<string, object>>>>
  readonly components: { readonly schemas: typeof SCHEMAS }
}

/** The version of the API, which its paths begin with. */
const API_VERSION = '1'

const PROBLEM: Answer = {
  description: 'The request is wrong, or the service failed.',
  schema: schemaRef('Problem'),
  type: PROBLEM_JSON,
}

/** Describes the routes of the API. */
export function openApiOf(routes: readonly Route[]): OpenApiDocument {
  const paths: Record<string, Record<string, object>> = {}
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}')
    const operations = paths[path] ?? {}
    paths[path] = { ...operations, [route.method.toLowerCase()]: operationOf(route) }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Headgate', description: 'Rate limits over HTTP.', version: API_VERSION },
    paths,
    components: { schemas: SCHEMAS },
  }
}

function operationOf({ summary, params = {}, query, headers = {}, responses, ...route }: Route): object {
  const body = route.documentedBody ?? route.body
  const parameters = [
    ...Object.entries(params).map(([name, schema]) => ({
      ...parameterOf(name, 'path', schema),
      required: true,
    })),
    ...Object.entries(query?.properties ?? {}).map(([name, schema]) => parameterOf(name, 'query', schema)),
    ...Object.entries(headers).map(([name, schema]) => parameterOf(name, 'header', schema)),
  ]
  const answers = Object.entries(responses).map(([status, answer]) => [status, answerOf(answer)])
  return {
    summary,
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: { required: true, content: { 'application/json': { schema: body } } } }),
    responses: { ...Object.fromEntries(answers), default: answerOf(PROBLEM) },
  }
}

function parameterOf(
  name: string,
  place: 'path' | 'query' | 'header',
  { description, ...schema }: JsonSchema,
): object {
  return { name, in: place, ...(description && { description }), schema }
}

function answerOf({ description, schema, type = 'application/json' }: Answer): object {
  return { description, ...(schema && { content: { [type]: { schema } } }) }
}
