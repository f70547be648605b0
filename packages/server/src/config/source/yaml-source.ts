import { type Document, isScalar, LineCounter, type Node, parseDocument, visit, type YAMLError } from 'yaml'
import { configError, type LocatedMistake, type Path } from '../config-error.ts'
import { type Dialect, dialectOf, readAsWritten } from '../foreign/dialect.ts'
import { show } from '../unknown-name.ts'
import type { SourceText, Variable } from './config-source.ts'
import { type Substitutions, substituteDocument } from './substitute-document.ts'
import { offsetOf, pathOf } from './yaml-path.ts'

/** A YAML text as plain values, with variables replaced, and where each of them stands. */
export interface YamlSource extends Substitutions {
  readonly value: unknown
  /** Whose form it has; variables are replaced in ours alone. */
  readonly dialect: Dialect
  /** File, line and column of the key or list item at `path`, or of the nearest one above it. */
  locate(path: Path): Place
}

/** Where something stands in a text: line and column, both from 1. */
export type Place = Pick<LocatedMistake, 'file' | 'line' | 'column'>

const BOM = '\uFEFF'

/** Parses one YAML 1.2 document without aliases, merge keys, tags or duplicate keys; JSON is one. */
export function parseYaml({ file, text }: SourceText, variables: ReadonlyMap<string, Variable>): YamlSource {
  const refuse = (path: Path, message: string, place: Place = { file, line: 1, column: 1 }): never => {
    throw configError([{ path, message, ...place }])
  }
  if (text.startsWith(BOM)) refuse([], 'the file begins with a byte order mark; save it as UTF-8 without one')
  const lines = new LineCounter()
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { file, line: Math.max(1, line), column: Math.max(1, col) }
  }
  const document = parse(text, lines) ?? refuse([], 'the file cannot be parsed; is it nested too deeply?')
  const [first] = [...document.errors, ...document.warnings]
  if (first !== undefined) refuse([], wordsOf(first, text), at(first.pos[0]))
  if (document.directives?.yaml.explicit === true && document.directives.yaml.version !== '1.2') {
    refuse([], 'only YAML 1.2 is read; remove the %YAML directive')
  }
  const dialect = dialectOf(document)
  readAsWritten(document, dialect)
  const wrong = findUnsafe(document)
  if (wrong !== null) refuse(wrong.path, wrong.message, at(wrong.offset))
  const substitutions =
    dialect === 'headgate' && text.includes('$')
      ? substituteDocument(document, variables)
      : { substitutions: [], mistakes: [] }
  return {
    ...substitutions,
    dialect,
    value: document.toJS({ maxAliasCount: 0 }),
    locate: (path) => at(offsetOf(document.contents, path)),
  }
}

function parse(text: string, lineCounter: LineCounter): Document.Parsed | null {
  // Of a bad 1 MiB, errors made pretty (a pass over the text each) and keys compared pair by pair take minutes.
  const options = { lineCounter, merge: false, uniqueKeys: false, stringKeys: true, prettyErrors: false }
  try {
    return parseDocument(text, { ...options, resolveKnownTags: false, logLevel: 'error' })
  } catch {
    return null
  }
}

function wordsOf({ code, message: words, pos: [offset] }: YAMLError, text: string): string {
  if (/\$\{/.test(text.slice(Math.max(0, offset - 1), offset + 2))) {
    return 'a variable within { } or [ ], or with a colon and a blank, needs quotes: "${NAME}"'
  }
  // What follows is a piece of the file, which may be a secret.
  const message = words.replace(/: .*$/s, '')
  if (code === 'TAB_AS_INDENT') return 'tabs are not allowed as indentation; use spaces'
  if (code === 'RESOURCE_EXHAUSTION') return 'the file is nested too deeply'
  if (code === 'MULTIPLE_DOCS')
    return 'the file holds several documents; keep one, without "---" lines between'
  if (code === 'TAG_RESOLVE_FAILED') return `tags such as !!binary are not read; remove it (${message})`
  // `url: memory:` is the likeliest way here.
  if (code === 'BLOCK_AS_IMPLICIT_KEY') return `${message}; put a value that ends in a colon in quotes`
  return `not valid YAML: ${message}`
}

interface Unsafe {
  readonly path: Path
  readonly message: string
  readonly offset: number
}

/** The first thing that YAML allows and a configuration should not: it would be read otherwise than it looks. */
function findUnsafe(document: Document.Parsed): Unsafe | null {
  let found: Unsafe | null = null
  const refuse = (message: string, node: unknown, path: readonly unknown[]): symbol => {
    const [offset = 0] = (node as Node).range ?? []
    found = { path: pathOf(path, node), message, offset }
    return visit.BREAK
  }
  visit(document, {
    Alias: (_, node, path) =>
      refuse(`aliases such as *${node.source} are not read; write it out`, node, path),
    Map: (_, map, path) => {
      const seen = new Set<unknown>()
      for (const { key } of map.items) {
        const name = isScalar(key) ? key.value : key
        const where = [...path, map]
        if (name === '<<') return refuse('merge keys (<<) are not read; write the fields out', key, where)
        if (name === '__proto__') return refuse('"__proto__" is not a name; choose another', key, where)
        if (seen.has(name)) return refuse(`${show(name)} is there twice; keep one`, key, where)
        seen.add(name)
      }
      return undefined
    },
    Scalar: (key, node, path) => {
      if (key === 'key' || typeof node.value !== 'number' || node.source === undefined) return undefined
      if (String(node.value) === node.source) return undefined
      return refuse(`${node.source} is read as ${node.value}; put it in quotes, or write that`, node, path)
    },
  })
  return found
}
