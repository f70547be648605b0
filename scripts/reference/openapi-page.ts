/** An OpenAPI document as a page: each operation with its parameters, body and answers, then the shapes that answers share. */
import { cellOf, type FieldSchema, fieldsOf, fieldTable, tableOf, typeOf } from './schema-fields.ts'

interface Operation {
  readonly summary: string
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly content: Content }
  readonly responses: Readonly<Record<string, Answer>>
}

interface Parameter {
  readonly name: string
  readonly in: string
  readonly description?: string
  readonly schema: FieldSchema
}

interface Answer {
  readonly description: string
  readonly content?: Content
}

type Content = Readonly<Record<string, { readonly schema: FieldSchema }>>

/** What is read of a document. */
export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, object>>>>
  readonly components: { readonly schemas: Readonly<Record<string, object>> }
}

/** The page's text below its introduction. */
export function apiPage({ paths, components }: ApiDocument): string {
  const shapes = shapesOf(components.schemas)
  const bodies = new Map<string, string>()
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const title = `${method.toUpperCase()} ${path}`
      return operationText(title, operation as Operation, bodies)
    }),
  )
  return [...operations, ...shapes].join('\n')
}

function shapesOf(schemas: ApiDocument['components']['schemas']): string[] {
  return Object.entries(schemas).map(([name, schema]) => {
    const fields = fieldsOf(schema)
    return `## ${name}\n\n${fields.length > 0 ? fieldTable(fields, linkTo) : `${typeOf(schema, linkTo)}\n`}`
  })
}

function operationText(title: string, operation: Operation, bodies: Map<string, string>): string {
  const { summary, parameters = [], requestBody, responses } = operation
  const schema = Object.values(requestBody?.content ?? {})[0]?.schema
  return [
    `## ${title}\n`,
    `${summary}\n`,
    ...(parameters.length === 0 ? [] : [parameterTable(parameters)]),
    ...(schema === undefined ? [] : [bodyText(title, schema, bodies)]),
    answerTable(responses),
  ].join('\n')
}

function parameterTable(parameters: readonly Parameter[]): string {
  const rows = parameters.map(
    ({ name, in: place, description = '', schema }) =>
      `| \`${name}\` | ${place} | ${typeOf(schema, linkTo)} | ${cellOf(description)} |`,
  )
  return tableOf(['| parameter | in | type | |', '| --- | --- | --- | --- |', ...rows])
}

/** Many operations take the same body, which is told once. */
function bodyText(title: string, schema: FieldSchema, bodies: Map<string, string>): string {
  const table = fieldTable(fieldsOf(schema), linkTo)
  const first = bodies.get(table)
  if (first !== undefined) return `The body is that of [${first}](#${anchorOf(first)}).\n`
  bodies.set(table, title)
  return fieldsOf(schema).length === 0 ? `The body is a ${typeOf(schema, linkTo)}.\n` : table
}

function answerTable(responses: Readonly<Record<string, Answer>>): string {
  const rows = Object.entries(responses).map(([status, { description, content = {} }]) => {
    const bodies = Object.entries(content).map(([type, { schema }]) => bodyOf(type, schema))
    return `| ${status === 'default' ? 'else' : status} | ${bodies.join(', ')} | ${cellOf(description)} |`
  })
  return tableOf(['| answer | body | |', '| --- | --- | --- |', ...rows])
}

function bodyOf(type: string, schema: FieldSchema): string {
  if (type !== 'application/json' && schema.$ref === undefined) return `\`${type}\``
  const names = Object.keys(schema.properties ?? {})
  if (names.length === 0) return typeOf(schema, linkTo)
  return names.map((name) => `\`${name}\``).join(', ')
}

function linkTo(name: string): string {
  return `[${name}](#${anchorOf(name)})`
}

function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
    .replaceAll(' ', '-')
}
