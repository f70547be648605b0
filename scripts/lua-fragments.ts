/** Reads the Lua sources of the Redis store: whole files, and algorithms as named fragments. */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

const folder = join(import.meta.dirname, '../packages/limiter/src/stores/redis/lua')

/** Fragments of one kind by name; `terms` and `state` are lists of names. */
export type Fragments = Readonly<Record<string, string>>

/** A Lua file without comments. */
export function luaFile(name: string): string {
  return stripped(readFileSync(join(folder, `${name}.lua`), 'utf8'))
}

/** The fragments of every kind: a file is one kind of its name, or those that its `@kinds` says. */
export function luaFragments(): Readonly<Record<string, Fragments>> {
  const all: Record<string, Fragments> = {}
  for (const file of readdirSync(join(folder, 'algorithms')).sort()) {
    const sections = sectionsOf(readFileSync(join(folder, 'algorithms', file), 'utf8'))
    const kinds = sections['kinds']?.split(' ') ?? [basename(file, '.lua')]
    for (const kind of kinds) all[kind] = ofKind(sections, kind)
  }
  return all
}

/** The fragments of one file of its own. */
export function luaSections(name: string): Fragments {
  return sectionsOf(readFileSync(join(folder, `${name}.lua`), 'utf8'))
}

/** `@name` on a line of its own, or `@name words` on one; a fragment ends where the next begins. */
function sectionsOf(text: string): Record<string, string> {
  const sections: Record<string, string> = {}
  for (const part of text.split(/^--@/m).slice(1)) {
    const [, name = '', inline = '', body = ''] = /^([\w:-]+)([^\n]*)\n([\s\S]*)$/.exec(part) ?? []
    sections[name] = (inline.trim() === '' ? stripped(body) : inline).trim()
  }
  return sections
}

/** `name:kind` is the fragment of one kind, any other that of all. */
function ofKind(sections: Record<string, string>, kind: string): Fragments {
  const own: Record<string, string> = {}
  for (const [name, text] of Object.entries(sections)) {
    const [plain = '', only = kind] = name.split(':')
    if (only === kind && plain !== 'kinds') own[plain] = text
  }
  return own
}

function stripped(text: string): string {
  const lines = text.split('\n').map((line) => line.replace(/(^|\s)--(?!@).*$/, '').trimEnd())
  return lines
    .filter((line) => line.trim() !== '')
    .map((line) => `${line}\n`)
    .join('')
}
