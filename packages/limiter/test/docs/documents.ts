/** The documents of this repository. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join, posix, resolve } from 'node:path'
import { type Block, type Document, parseDocument } from './document.ts'

/** The folder of the repository. */
export const root: string = resolve(import.meta.dirname, '../../../..')

/** Documents that a person has to take in at one sitting, and their most lines. */
const LINES_MAX: readonly (readonly [begin: string, lines: number])[] = [
  ['README.md', 150],
  ['docs/guide/', 90],
]

/** Reads every Markdown file that is, or may be, part of the repository. */
export function readDocuments(): Document[] {
  const list = ['ls-files', '-co', '--exclude-standard', '--', '*.md']
  const paths = execFileSync('git', list, { cwd: root, encoding: 'utf8' }).trim().split('\n')
  return paths
    .filter((path) => existsSync(join(root, path)))
    .map((path) => parseDocument(path, readFileSync(join(root, path), 'utf8')))
}

/** Blocks of a language in documents. */
export function blocksOf(documents: readonly Document[], language: string): Block[] {
  return documents.flatMap(({ blocks }) => blocks.filter((block) => block.language === language))
}

/** Whether code has keys or scripts of its own, for which the permissions that operations/redis.md recommends are too few. */
export function hasOwnKeys(source: string): boolean {
  return /\bprefix: +'?(?!headgate\b)\w|scriptLimiter/.test(source)
}

/** Says, one sentence each, which links between documents lead nowhere. */
export function brokenLinks(documents: readonly Document[], exists = onDisk): string[] {
  const byPath = new Map(documents.map((document) => [document.path, document]))
  return documents.flatMap(({ path, links }) =>
    links.flatMap(({ line, target }) => {
      const [file = '', anchor] = target.split('#')
      if (/^[a-z]+:/.test(file)) return []
      const to = file === '' ? path : posix.join(posix.dirname(path), file)
      const place = `${path}:${line}`
      if (!exists(to)) return [`${place} links to ${target}, which does not exist`]
      if (anchor === undefined) return []
      const known = byPath.get(to)?.anchors.has(anchor) ?? false
      return known ? [] : [`${place} links to ${target}, but ${to} has no such heading`]
    }),
  )
}

/** Says which documents are longer than a reader should have to take in. */
export function longDocuments(documents: readonly Document[], linesOf = linesOnDisk): string[] {
  return documents.flatMap(({ path }) => {
    const most = LINES_MAX.find(([begin]) => path.startsWith(begin))?.[1] ?? Number.POSITIVE_INFINITY
    const lines = linesOf(path)
    return lines > most ? [`${path} has ${lines} lines, at most ${most} are wanted`] : []
  })
}

function onDisk(path: string): boolean {
  return existsSync(join(root, path))
}

function linesOnDisk(path: string): number {
  return readFileSync(join(root, path), 'utf8').trimEnd().split('\n').length
}
