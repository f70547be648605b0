import { PROBLEM_JSON } from 'headgate/http'
import { SCHEMAS, schemaRef } from './answer-schemas.ts'
import type { Answer, Route } from './http-route.ts'

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
    const operations = paths[route.path] ?? {}
    paths[route.path] = { ...operations, [route.method.toLowerCase()]: operationOf(route) }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Headgate', description: 'Rate limits over HTTP.', version: API_VERSION },
    paths,
    components: { schemas: SCHEMAS },
  }
}

function operationOf({ summary, query, responses, ...route }: Route): object {
  const body = route.documentedBody ?? route.body
  const parameters = Object.entries(query?.properties ?? {}).map(([name, schema]) => {
    const { description, ...rest } = schema
    return { name, in: 'query', ...(description && { description }), schema: rest }
  })
  const answers = Object.entries(responses).map(([status, answer]) => [status, answerOf(answer)])
  return {
    summary,
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: { required: true, content: { 'application/json': { schema: body } } } }),
    responses: { ...Object.fromEntries(answers), default: answerOf(PROBLEM) },
  }
}

function answerOf({ description, schema, type = 'application/json' }: Answer): object {
  return { description, ...(schema && { content: { [type]: { schema } } }) }
}
