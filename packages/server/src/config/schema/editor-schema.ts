import { z } from 'zod'
import { descriptionOf } from './descriptions.ts'
import { fileShape } from './file-shape.ts'

/** A piece of JSON Schema, as far as it is looked at here. */
interface Schema {
  readonly type?: unknown
  readonly description?: string
  readonly pattern?: string
  readonly enum?: unknown
  readonly const?: unknown
  readonly minimum?: number
  readonly maximum?: number
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema | false
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
}

/** In place of a number or one of a few words there may be a variable. */
const VARIABLE: Schema = { type: 'string', pattern: String.raw`^\$\{[^}]*\}$` }

/** The JSON Schema (draft 07) of a configuration file, for editors: what it refuses is wrong, and the rest is for `check`. */
export function editorSchema(): object {
  const { required: _, ...generated } = z.toJSONSchema(fileShape, {
    target: 'draft-7',
    io: 'input',
  }) as Schema
  // Of the files of a folder one may have no policies.
  return { title: 'Headgate configuration', ...edit(generated, []), description: descriptionOf([]) }
}

function edit(schema: Schema, path: readonly string[]): Schema {
  const { anyOf, ...rest } = schema
  if (anyOf === undefined)
    return needsVariable(rest) ? { anyOf: [within(rest, path), VARIABLE] } : within(rest, path)
  const branches = anyOf.map((branch) => within(branch, path))
  return { ...rest, anyOf: branches.every(needsVariable) ? [...branches, VARIABLE] : branches }
}

/** The schema with that of all values in it edited. */
function within(schema: Schema, path: readonly string[]): Schema {
  const { properties, additionalProperties, items, anyOf, minimum, maximum, pattern, ...rest } = schema
  return {
    ...rest,
    ...(Math.abs(minimum ?? Infinity) < Number.MAX_SAFE_INTEGER && { minimum }),
    ...(Math.abs(maximum ?? Infinity) < Number.MAX_SAFE_INTEGER && { maximum }),
    ...(pattern !== undefined && { pattern: String.raw`(${pattern})|\$\{` }),
    ...(properties && { properties: fields(properties, path) }),
    ...(additionalProperties && { additionalProperties: edit(additionalProperties, path) }),
    ...(additionalProperties === false && { additionalProperties }),
    ...(items && { items: edit(items, path) }),
    ...(anyOf && { anyOf: anyOf.map((branch) => edit(branch, path)) }),
  }
}

function fields(
  properties: Readonly<Record<string, Schema>>,
  path: readonly string[],
): Record<string, Schema> {
  const entries = Object.entries(properties).map(([name, schema]) => {
    const at = [...path, name]
    const description = descriptionOf(at)
    return [name, { ...(description !== undefined && { description }), ...edit(schema, at) }]
  })
  return Object.fromEntries(entries)
}

/** Whether a value of this schema is no text, or one of a few. */
function needsVariable({ type, enum: values, const: value }: Schema): boolean {
  const isScalar = type === 'integer' || type === 'number' || type === 'boolean'
  return isScalar || values !== undefined || value !== undefined
}
