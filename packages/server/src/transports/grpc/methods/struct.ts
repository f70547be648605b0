import type { Struct, Value } from '../../../gen/google-protobuf.ts'

/** A map of JSON as a message. */
export function structOf(map: Readonly<Record<string, unknown>>): Struct {
  return { fields: Object.entries(map).map(([key, value]) => ({ key, value: structValueOf(value) })) }
}

function structValueOf(value: unknown): Value {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'number') return { numberValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  if (Array.isArray(value)) return { listValue: { values: value.map(structValueOf) } }
  if (typeof value === 'object' && value !== null)
    return { structValue: structOf(value as Record<string, unknown>) }
  return { nullValue: 0 }
}
