/** Fields of JSON Schemas as rows of Markdown tables: those of the configuration's and those of the OpenAPI documents. */

/** What is read of a schema. */
export interface FieldSchema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly default?: unknown
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly pattern?: string
  readonly items?: FieldSchema
  readonly properties?: Readonly<Record<string, FieldSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | FieldSchema
  readonly anyOf?: readonly FieldSchema[]
  readonly oneOf?: readonly FieldSchema[]
}

/** A field with everything in it: `rules[].limit` stands in a list, `overrides.*.limit` under a name that the user chooses. */
export interface Field {
  readonly path: string
  readonly schema: FieldSchema
  readonly isRequired: boolean
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  object: 'map',
  array: 'list',
}
/** Where texts with variables, such as `${PORT}`, may stand in place of numbers and words. */
const VARIABLE = /^\^\\\$\\\{/
const WHOLE_MAX = Number.MAX_SAFE_INTEGER

/** The fields of a schema, and theirs, in their order. */
export function fieldsOf(schema: FieldSchema, before = ''): Field[] {
  const { properties = {}, required = [], items, additionalProperties } = schema
  const own = Object.entries(properties).flatMap(([name, inner]) => {
    const path = before === '' || before.endsWith('.') ? `${before}${name}` : `${before}.${name}`
    return [{ path, schema: inner, isRequired: required.includes(name) }, ...fieldsOf(inner, path)]
  })
  const named =
    typeof additionalProperties === 'object'
      ? fieldsOf(additionalProperties, before === '' ? '*' : `${before}.*`)
      : []
  const listed = items === undefined ? [] : fieldsOf(items, `${before}[]`)
  const either = alternativesOf(schema).flatMap((one) => fieldsOf(one, before))
  return firstOfEachPath([...own, ...named, ...listed, ...either])
}

/** A table of fields; `refer` makes a link of the name of a schema. */
export function fieldTable(fields: readonly Field[], refer: (name: string) => string): string {
  const rows = fields.map(({ path, schema, isRequired }) => {
    const needed = isRequired ? ', required' : ''
    return `| \`${path}\` | ${typeOf(schema, refer)}${needed} | ${meaningOf(schema)} |`
  })
  return tableOf(['| field | type | |', '| --- | --- | --- |', ...rows])
}

/** The text of a table's rows. */
export function tableOf(rows: readonly string[]): string {
  return rows.map((row) => `${row}\n`).join('')
}

/** A text for a cell of a table: neither a bar nor an angle bracket means anything in it. */
export function cellOf(text: string): string {
  return inOneCell(text).replaceAll(/`[^`]*`|</g, (found) => (found === '<' ? '\\<' : found))
}

/** What may be a value, in words. */
export function typeOf(schema: FieldSchema, refer: (name: string) => string): string {
  const { $ref, type, items, additionalProperties } = schema
  if ($ref !== undefined) return refer($ref.split('/').at(-1) ?? '')
  if (schema.const !== undefined) return code(schema.const)
  if (schema.enum !== undefined) return schema.enum.map(code).join(', ')
  const either = alternativesOf(schema)
  if (type === undefined && either.length > 0) {
    return [...new Set(either.map((one) => typeOf(one, refer)))].join(' or ')
  }
  const types = typeof type === 'string' ? [type] : (type ?? ['any'])
  const words = types.map((one) => {
    if (one === 'array' && items !== undefined) return `list${insideOf(items, refer)}`
    if (one === 'object' && typeof additionalProperties === 'object') {
      return `map${insideOf(additionalProperties, refer)}`
    }
    return TYPE_WORDS[one] ?? one
  })
  return `${words.join(' or ')}${boundsOf(schema)}`
}

/** What is in a list or a map; lists and maps of several kinds of them are for the description to explain. */
function insideOf(schema: FieldSchema, refer: (name: string) => string): string {
  const inside = typeOf(schema, refer)
  return /(list|map)\b.* or | or .*(list|map)\b/.test(inside) ? '' : ` of ${inside}`
}

function meaningOf({ description = '', default: byDefault }: FieldSchema): string {
  const end = byDefault === undefined ? '' : ` Default: ${code(byDefault)}.`
  return `${cellOf(description)}${end}`.trim()
}

function boundsOf(schema: FieldSchema): string {
  const { minimum = -WHOLE_MAX, maximum = WHOLE_MAX } = schema
  const { minLength, maxLength, minItems, maxItems } = schema
  const said = [
    minimum > -WHOLE_MAX && maximum < WHOLE_MAX ? `${minimum} to ${maximum}` : '',
    minimum > -WHOLE_MAX && maximum >= WHOLE_MAX ? `at least ${minimum}` : '',
    minimum <= -WHOLE_MAX && maximum < WHOLE_MAX ? `at most ${maximum}` : '',
    (minLength ?? minItems ?? 0) > 0 ? 'not empty' : '',
    maxLength === undefined ? '' : `at most ${maxLength} characters`,
    maxItems === undefined ? '' : `at most ${maxItems} of them`,
  ].filter((one) => one !== '')
  return said.length === 0 ? '' : ` (${said.join(', ')})`
}

/** Without those that a variable may stand for, and those that only say which fields go together. */
function alternativesOf({ anyOf = [], oneOf = [] }: FieldSchema): FieldSchema[] {
  return [...anyOf, ...oneOf].filter((one) => {
    if (one.pattern !== undefined && VARIABLE.test(one.pattern)) return false
    return Object.keys(one).some((name) => name !== 'required' && name !== 'not')
  })
}

function firstOfEachPath(fields: readonly Field[]): Field[] {
  const paths = new Set<string>()
  return fields.filter(({ path }) => !paths.has(path) && paths.add(path))
}

function code(value: unknown): string {
  return `\`${inOneCell(JSON.stringify(value))}\``
}

function inOneCell(text: string): string {
  return text.replaceAll('\n', ' ').replaceAll('|', '\\|')
}
