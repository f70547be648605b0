import type { FieldMap } from './field-map.ts'
import type { LineParser, ParsedLine } from './line-parser.ts'

/** Reads logs of which each line is an object of JSON. */
export class JsonParser implements LineParser {
  readonly #fields: FieldMap

  constructor(fields: FieldMap) {
    this.#fields = fields
  }

  parse(bytes: Buffer, from: number, to: number): ParsedLine {
    const read = readObject(bytes.toString('utf8', from, to))
    if (typeof read === 'string') return read
    return this.#fields.request((field) => valueAt(read, field))
  }
}

/** The object of a line; a text says why there is none. */
export function readObject(line: string): Readonly<Record<string, unknown>> | string {
  try {
    const read: unknown = JSON.parse(line)
    if (typeof read === 'object' && read !== null && !Array.isArray(read))
      return read as Record<string, unknown>
  } catch {
    // Said below, of what is no object as well.
  }
  return 'it is no object of JSON'
}

/** A field of that very name, or by a path through objects. */
function valueAt(object: Readonly<Record<string, unknown>>, field: string): unknown {
  if (Object.hasOwn(object, field)) return object[field]
  const dot = field.indexOf('.')
  if (dot < 0) return undefined
  const inner = Object.hasOwn(object, field.slice(0, dot)) ? object[field.slice(0, dot)] : undefined
  if (typeof inner !== 'object' || inner === null) return undefined
  return valueAt(inner as Record<string, unknown>, field.slice(dot + 1))
}
