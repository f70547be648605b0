import { describe, expect, it } from 'vitest'
import { configurationPage } from './configuration-page.ts'
import { apiPage } from './openapi-page.ts'
import { type FieldSchema, fieldsOf, fieldTable, typeOf } from './schema-fields.ts'

const BODY = {
  type: 'object',
  required: ['user'],
  properties: { user: { type: 'string', minLength: 1, description: 'Who | where.' } },
}

describe('fields of a schema', () => {
  const paths = (schema: FieldSchema): string[] => fieldsOf(schema).map(({ path }) => path)

  it('have paths through maps, lists, names of users and alternatives', () => {
    expect(
      paths({
        properties: {
          a: { properties: { b: {} } },
          c: { items: { properties: { d: {} } } },
          e: { additionalProperties: { properties: { f: {} } } },
          g: { anyOf: [{ type: 'string' }, { properties: { h: {} } }] },
        },
      }),
    ).toEqual(['a', 'a.b', 'c', 'c[].d', 'e', 'e.*.f', 'g', 'g.h'])
  })

  it.each<[string, FieldSchema]>([
    ['integer (0 to 5)', { type: 'integer', minimum: 0, maximum: 5 }],
    ['integer', { type: 'integer', minimum: -Number.MAX_SAFE_INTEGER }],
    ['list of text (not empty)', { type: 'array', items: { type: 'string' }, minItems: 1 }],
    ['`"a"`, `"b"`', { enum: ['a', 'b'] }],
    ['integer', { anyOf: [{ type: 'integer' }, { type: 'string', pattern: '^\\$\\{[^}]*\\}$' }] }],
    ['map', { type: 'object', additionalProperties: { type: ['string', 'array'], items: {} } }],
    ['<Rule>', { $ref: '#/components/schemas/Rule' }],
  ])('are told as %s', (words, schema) => {
    expect(typeOf(schema, (name) => `<${name}>`)).toBe(words)
  })

  it('stand in rows that a bar does not end', () => {
    expect(fieldTable(fieldsOf(BODY), String)).toContain(
      '| `user` | text (not empty), required | Who \\| where. |',
    )
  })
})

describe('the page of an API', () => {
  it('tells a body once and refers to it from then on', () => {
    const operation = {
      summary: 'Does it.',
      requestBody: { content: { 'application/json': { schema: BODY } } },
      responses: { default: { description: 'Anything.' } },
    }
    const page = apiPage({
      paths: { '/a/{b}': { post: operation }, '/c': { put: operation } },
      components: { schemas: {} },
    })
    expect(page.match(/`user`/g)).toHaveLength(1)
    expect(page).toContain('The body is that of [POST /a/{b}](#post-ab).')
  })
})

describe('the page of the configuration', () => {
  it('has a section for each field of the file, without what only editors read', () => {
    const page = configurationPage({
      properties: { $schema: {}, store: { type: 'string', description: 'Where.' } },
    })
    expect(page).toBe('## store\n\nWhere. Type: text.\n')
  })
})
