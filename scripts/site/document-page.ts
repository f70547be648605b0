/** Makes a page of a document: its title apart, without hidden lines, with links to pages of the site. */
import { posix } from 'node:path'
import { findLinks, visibleLines } from '../../packages/limiter/test/docs/document.ts'
import { pictureRouteOf, routeOf } from './site-page.ts'

/** Where links of a page lead. */
export interface LinkTargets {
  /** What the addresses of all pages begin with: `/`, or `/headgate/`. */
  readonly base: string
  /** Told the path of everything in the repository that a page links to. */
  readonly onLink: (path: string) => void
  /** Whether an anchor of a document is its title, which on the site is the top of its page and has no name. */
  readonly isTitle: (path: string, anchor: string) => boolean
}

/** What stands below the title of the document at a path. */
export function bodyOf(path: string, text: string, targets: LinkTargets): string {
  const lines = visibleLines(text)
  const title = lines.findIndex(({ line, isProse }) => isProse && line.startsWith('# '))
  const shown = lines.slice(title + 1)
  const runs: { readonly isProse: boolean; readonly lines: string[] }[] = []
  for (const { line, isProse } of shown) {
    const last = runs.at(-1)
    if (last?.isProse === isProse) last.lines.push(line)
    else runs.push({ isProse, lines: [line] })
  }
  return runs
    .map((run) => {
      const part = run.lines.join('\n')
      return run.isProse ? withoutMarks(withLinks(path, part, targets)) : part
    })
    .join('\n')
    .trim()
}

function withoutMarks(prose: string): string {
  return prose.replaceAll(/^<!--.*-->\n?/gm, '')
}

function withLinks(from: string, prose: string, targets: LinkTargets): string {
  return findLinks(prose).reduceRight((text, { target, targetBegin: index }) => {
    const to = addressOf(from, target, targets)
    return `${text.slice(0, index)}${to}${text.slice(index + target.length)}`
  }, prose)
}

/** The address on the site of what a link from a document leads to. */
function addressOf(from: string, target: string, { base, onLink, isTitle }: LinkTargets): string {
  if (/^([a-z]+:|#)/.test(target)) return target
  const [file = '', anchor] = target.split('#')
  const path = posix.join(posix.dirname(from), file).replace(/\/$/, '')
  onLink(path)
  const picture = pictureRouteOf(path)
  if (picture !== undefined) return `${base}${picture}`
  const route = routeOf(path)
  const end = anchor === undefined || isTitle(path, anchor) ? '' : `#${anchor}`
  return `${base}${route}${route === '' ? '' : '/'}${end}`
}
