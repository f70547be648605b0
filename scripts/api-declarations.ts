/** Reads what an entry of the library exports, and how it is declared, from syntax trees. */
import { readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { parseSync } from 'oxc-parser'

/** One exported name. */
export interface ApiDeclaration {
  readonly name: string
  /** File that declares it. */
  readonly path: string
  /** Its docstring, without the marks of the comment; empty where it has none. */
  readonly text: string
  /** The declaration, without bodies of functions and values. */
  readonly code: string
}

interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [field: string]: unknown
}

interface File {
  readonly path: string
  readonly source: string
  readonly body: readonly Node[]
  readonly comments: readonly { readonly value: string; readonly start: number; readonly end: number }[]
}

const files = new Map<string, File>()

/** The sentence at the head of a file, and what it exports, in order. */
export function apiOf(path: string): { readonly about: string; readonly exports: readonly ApiDeclaration[] } {
  const file = read(path)
  const [first] = file.comments
  const about = first === undefined || first.start > 0 ? '' : textOf(first.value)
  const exports = exportedNames(file).map(({ name, local, from }) => ({
    ...declarationOf(local, from),
    name,
  }))
  return { about, exports }
}

function read(path: string): File {
  const known = files.get(path)
  if (known !== undefined) return known
  const source = readFileSync(path, 'utf8')
  const { program, comments } = parseSync(path, source)
  const file = { path, source, body: program.body as unknown as Node[], comments }
  files.set(path, file)
  return file
}

/** A name that a file exports from another one, which calls it `local`. */
interface Forwarded {
  readonly name: string
  readonly local: string
  readonly from: string
}

function exportedNames({ path, body }: File): Forwarded[] {
  return body.flatMap((node) => {
    if (node.type !== 'ExportNamedDeclaration' || node['source'] === null) return []
    const { value } = node['source'] as { readonly value: string }
    const from = posix.join(posix.dirname(path), value)
    const specifiers = node['specifiers'] as readonly Record<
      'exported' | 'local',
      { readonly name: string }
    >[]
    // A text is no name, as 'module.exports', which says what require gives.
    const named = specifiers.filter(({ exported }) => exported.name !== undefined)
    return named.map(({ exported, local }) => ({ name: exported.name, local: local.name, from }))
  })
}

function declarationOf(name: string, path: string): ApiDeclaration {
  const file = read(path)
  const forwarded = exportedNames(file).find((one) => one.name === name)
  if (forwarded !== undefined) return declarationOf(forwarded.local, forwarded.from)
  const node = file.body.find((one) => namesOf(one).includes(name))
  if (node === undefined) throw new Error(`${path} does not declare ${name}`)
  const doc = file.comments.findLast(({ end }) => end <= node.start)
  const isNear = doc !== undefined && file.source.slice(doc.end, node.start).trim() === ''
  const text = isNear && doc.value.startsWith('*') ? textOf(doc.value) : ''
  return { name, path, text, code: codeOf(node['declaration'] as Node, file.source) }
}

function namesOf({ type, declaration }: Node): string[] {
  if (type !== 'ExportNamedDeclaration' || declaration === null) return []
  const { id, declarations } = declaration as {
    readonly id?: { readonly name: string }
    readonly declarations?: readonly { readonly id: { readonly name: string } }[]
  }
  return declarations?.map((one) => one.id.name) ?? (id === undefined ? [] : [id.name])
}

function codeOf(node: Node, source: string): string {
  switch (node.type) {
    case 'FunctionDeclaration':
      return signatureOf(node, source)
    case 'VariableDeclaration':
      return constantOf(node, source)
    case 'ClassDeclaration':
      return classOf(node, source)
    default:
      return source.slice(node.start, node.end)
  }
}

function signatureOf(node: Node, source: string): string {
  const body = node['body'] as Node | null
  return source.slice(node.start, body?.start ?? node.end).trim()
}

function constantOf(node: Node, source: string): string {
  const [{ id }] = node['declarations'] as [{ readonly id: Node }]
  const annotated = (id['typeAnnotation'] as Node | null) ?? id
  return `const ${source.slice(id.start, annotated.end)}`
}

/** A class by what its users see: no private members, no bodies. */
function classOf(node: Node, source: string): string {
  const body = node['body'] as Node & { readonly body: readonly Node[] }
  const members = body.body.filter(isPublic).map((member) => memberOf(member, source))
  return `${source.slice(node.start, body.start)}{\n${members.map((member) => `  ${member}\n`).join('')}}`
}

function isPublic(member: Node): boolean {
  const { type } = member['key'] as Node
  return type !== 'PrivateIdentifier' && member['accessibility'] !== 'private'
}

function memberOf(member: Node, source: string): string {
  const value = member['value'] as (Node & { readonly body?: Node | null }) | null
  const end =
    member.type === 'MethodDefinition' ? (value?.body?.start ?? member.end) : (value?.start ?? member.end)
  return source.slice(member.start, end).replace(/\s*=?\s*$/, '')
}

/** The text of a comment, without its marks. */
function textOf(comment: string): string {
  const lines = comment.replace(/^\*/, '').split('\n')
  return lines
    .map((line) => line.replace(/^\s*\* ?/, '').trimEnd())
    .join('\n')
    .replaceAll(/\{@link ([\w.]+)\}/g, '`$1`')
    .trim()
}
