import { wrong } from '../core/errors.ts'
import { DESCRIPTOR } from '../core/key.ts'
import { isRecord } from '../core/validate.ts'
import { entryName, shapeOf } from './descriptor.ts'
import { NetworkTable } from './network-table.ts'
import { PathTable } from './path-table.ts'
import { checkMethod, checkNetworks, checkValues, compilePaths } from './patterns.ts'
import type { RequestAttributes } from './request-attributes.ts'
import { ShapeTable } from './shape-table.ts'
import type { Table } from './table.ts'
import { ValueTable } from './value-table.ts'

/** How patterns of an attribute are compared: as networks, as paths, as keys of a descriptor, or as texts. */
type PatternKind = 'network' | 'path' | 'shape' | 'value'

/** One attribute of a match: it has to fit one of the patterns. */
export interface Condition {
  readonly attribute: string
  readonly kind: PatternKind
  /** Normalised; at least one. */
  readonly patterns: readonly string[]
  /** The patterns that a request fits. */
  fitting(request: RequestAttributes): readonly string[]
}

/** Compiles one attribute of a match; a mistake is an `invalid-options` error at `path`. */
export function compileConditions(attribute: string, given: unknown, path: string): Condition[] {
  if (attribute === DESCRIPTOR) return compileDescriptor(given, path)
  if (attribute === 'path') return [conditionOf(attribute, 'path', compilePaths(given, path))]
  // A star asks only that there is an address.
  if (attribute === 'ip' && given !== '*')
    return [conditionOf(attribute, 'network', checkNetworks(given, path))]
  const values = checkValues(given, path)
  if (attribute === 'method') for (const method of values) checkMethod(method, path)
  return [conditionOf(attribute, 'value', values)]
}

function conditionOf(attribute: string, kind: PatternKind, patterns: readonly string[]): Condition {
  const table = createTable<string>({ attribute, kind })
  for (const pattern of patterns) table.add(pattern, pattern)
  return { attribute, kind, patterns, fitting: (request) => table.find(request) }
}

/** An empty table for the patterns of such conditions. */
export function createTable<T>({ attribute, kind }: Pick<Condition, 'attribute' | 'kind'>): Table<T> {
  switch (kind) {
    case 'network':
      return new NetworkTable<T>()
    case 'path':
      return new PathTable<T>()
    case 'shape':
      return new ShapeTable<T>()
    case 'value':
      return new ValueTable<T>(attribute)
  }
}

/** The entries of a descriptor, in order and no more: a key, or `{ key: values }`. */
function compileDescriptor(given: unknown, path: string): Condition[] {
  const entries: readonly unknown[] = Array.isArray(given) ? given : []
  if (entries.length === 0) {
    throw wrong(given, 'is not a list of entries; write [tenant, route] or [{ tenant: acme }, route]', path)
  }
  const compiled = entries.map((entry, i) => compileEntry(entry, entryName(i), `${path}[${i}]`))
  const shape = conditionOf(DESCRIPTOR, 'shape', [shapeOf(compiled.map(({ key }) => key))])
  return [shape, ...compiled.flatMap(({ values }) => values)]
}

function compileEntry(
  entry: unknown,
  name: string,
  path: string,
): { readonly key: string; readonly values: readonly Condition[] } {
  if (typeof entry === 'string' && entry !== '') return { key: entry, values: [] }
  const [only, ...others] = isRecord(entry) ? Object.entries(entry) : []
  if (only === undefined || only[0] === '' || others.length > 0) {
    throw wrong(entry, 'is not an entry; write its key, or { key: value }', path)
  }
  const [key, values] = only
  return { key, values: [conditionOf(name, 'value', checkValues(values, `${path}.${key}`))] }
}
