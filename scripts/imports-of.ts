/** Reads the imports of one source file from its syntax tree, so that comments and strings cannot mislead. */
import { parseSync, Visitor } from 'oxc-parser'

/** One import, re-export, dynamic import or type import. */
export interface Import {
  readonly specifier: string
  readonly typeOnly: boolean
}

interface Source {
  readonly type: string
  readonly value?: unknown
}

/** Lists what a file imports in every form the language has. */
export function importsOf(path: string, source: string): Import[] {
  const { program, errors } = parseSync(path, source)
  const first = errors[0]
  if (first) throw new Error(`${path} cannot be parsed: ${first.message}`)
  const imports: Import[] = []
  const add = (from: Source | null, typeOnly: boolean): void => {
    if (!from) return
    const specifier = typeof from.value === 'string' ? from.value : '<computed>'
    imports.push({ specifier, typeOnly })
  }
  new Visitor({
    ImportDeclaration: (node) => add(node.source, node.importKind === 'type' || allTypes(node.specifiers)),
    ExportNamedDeclaration: (node) => add(node.source, node.exportKind === 'type'),
    ExportAllDeclaration: (node) => add(node.source, node.exportKind === 'type'),
    ImportExpression: (node) => add(node.source, false),
    TSImportType: (node) => add(node.source, true),
  }).visit(program)
  return imports
}

function allTypes(specifiers: readonly object[]): boolean {
  return specifiers.length > 0 && specifiers.every((s) => 'importKind' in s && s.importKind === 'type')
}
