/** Makes pages of files that documents link to and that are none themselves: the site needs no other host to show them. */
import { execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { extname, join, posix } from 'node:path'
import { root } from '../../packages/limiter/test/docs/documents.ts'
import { routeOf, type SitePage } from './site-page.ts'

/** Longer files are shown without colours, which take the generator long. */
const COLOURED_LINES_MAX = 600

const LANGUAGES: Readonly<Record<string, string>> = {
  '.conf': 'nginx',
  '.go': 'go',
  '.js': 'js',
  '.json': 'json',
  '.lua': 'lua',
  '.proto': 'proto',
  '.py': 'python',
  '.sh': 'sh',
  '.ts': 'ts',
  '.tsx': 'tsx',
  '.yaml': 'yaml',
  '.yml': 'yaml',
}

/** A page that shows a file, or what is in a folder; `base` is what addresses of the site begin with. */
export function sourcePage(path: string, base: string): SitePage {
  const text = statSync(join(root, path)).isDirectory() ? folderText(path, base) : codeOf(path)
  return { route: routeOf(path), title: path, text, isSearched: false }
}

/** The document that tells of a folder, with which its page begins. */
export function readmeOf(path: string): string {
  return `${path}/README.md`
}

/** Folders in a folder, of which each has a page too. */
export function foldersIn(path: string): string[] {
  if (!statSync(join(root, path)).isDirectory()) return []
  const inner = filesIn(path).map((file) => posix.relative(path, file).split('/'))
  return [...new Set(inner.flatMap(([first, ...rest]) => (rest.length > 0 ? [`${path}/${first}`] : [])))]
}

function folderText(path: string, base: string): string {
  const folders = foldersIn(path).map((one) => `- [${posix.basename(one)}](${base}${routeOf(one)}/)`)
  const files = filesIn(path).filter((file) => posix.dirname(file) === path && file !== readmeOf(path))
  return [...folders, '', ...files.map((file) => `## ${posix.basename(file)}\n\n${codeOf(file)}`)].join('\n')
}

function filesIn(path: string): string[] {
  const list = ['ls-files', '-co', '--exclude-standard', '--', path]
  return execFileSync('git', list, { cwd: root, encoding: 'utf8' }).trim().split('\n')
}

function codeOf(path: string): string {
  const text = readFileSync(join(root, path), 'utf8').trimEnd()
  if (text.includes('\0')) throw new Error(`${path} is no text: a picture belongs into docs/images`)
  const isLong = text.split('\n').length > COLOURED_LINES_MAX
  const language = isLong ? 'text' : (LANGUAGES[extname(path)] ?? 'text')
  const fence = '`'.repeat(Math.max(4, ...Array.from(text.matchAll(/`+/g), ([ticks]) => ticks.length + 1)))
  return `${fence}${language}\n${text}\n${fence}\n`
}
