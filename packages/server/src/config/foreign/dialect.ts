import { type Document, isMap, isScalar, visit } from 'yaml'

/** Whose form a file has: ours, that of envoyproxy/ratelimit, or that of limitr. */
export type Dialect = 'headgate' | 'envoy' | 'limitr'

/** Fields whose values are texts there, however they look: a value `1.0` is no 1, and a rate of `1.667` no double. */
const TEXTS: Readonly<Record<Exclude<Dialect, 'headgate'>, readonly string[]>> = {
  envoy: ['domain', 'key', 'value', 'name', 'unit'],
  limitr: ['flow_rate_per_second'],
}

/** Known by the shape of a file: its fields at the top. */
export function dialectOf(document: Document.Parsed): Dialect {
  const { contents } = document
  const has = (name: string): boolean => isMap(contents) && contents.has(name)
  if (has('policies') || has('version')) return 'headgate'
  if (has('descriptors') || has('domain')) return 'envoy'
  return has('domains') ? 'limitr' : 'headgate'
}

/** Takes the values of fields that are texts in a dialect as they are written. */
export function readAsWritten(document: Document.Parsed, dialect: Dialect): void {
  if (dialect === 'headgate') return
  const names = TEXTS[dialect]
  visit(document, {
    Pair: (_, { key, value }) => {
      // What stands there is anybody's.
      if (isScalar(key) && key.value === 'metadata') return visit.SKIP
      const isText = isScalar(key) && names.includes(String(key.value)) && isScalar(value)
      if (isText && ['number', 'boolean'].includes(typeof value.value)) value.value = value.source
      return undefined
    },
  })
}
