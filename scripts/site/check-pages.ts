/** Looks at the finished pages: whether links lead somewhere, and headings have the names that documents link to. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Document, slugOf } from '../../packages/limiter/test/docs/document.ts'
import { routeOf } from './site-page.ts'

/** A finished site. */
export interface BuiltSite {
  /** Its folder. */
  readonly dist: string
  /** What addresses begin with. */
  readonly base: string
  readonly documents: readonly Document[]
}

/** Says which links of pages lead nowhere or to another host for a part of the page, and which headings have lost their name. */
export function siteProblems({ dist, base, documents }: BuiltSite): string[] {
  const files = globSync('**/*.html', { cwd: dist })
  const pages = new Map(files.map((file) => [file, pageOf(readFileSync(join(dist, file), 'utf8'))]))
  const deadLinks = [...pages].flatMap(([file, { links }]) =>
    [...links].flatMap((link) => problemOf(link, { file, dist, base, pages })),
  )
  return [...deadLinks, ...lostAnchors(documents, pages)]
}

interface Page {
  readonly ids: ReadonlySet<string>
  readonly links: ReadonlySet<string>
}

/** A tag with its attributes, in whose values there may be other tags: buttons that copy code have it in one. */
const TAG = /<[a-z][\w-]*(?:\s+[^\s=>"'/]+(?:=(?:"[^"]*"|'[^']*'|[^\s>"']+))?)*\s*\/?>/g
const ATTRIBUTE = /\s([^\s=>"'/]+)=(?:"([^"]*)"|'([^']*)'|([^\s>"']+))/g

function pageOf(html: string): Page {
  const ids = new Set<string>()
  const links = new Set<string>()
  for (const [tag] of html.matchAll(TAG)) {
    for (const [, name = '', ...values] of tag.matchAll(ATTRIBUTE)) {
      const value = (values.find((one) => one !== undefined) ?? '').replaceAll(/&(amp|#38|#x26);/g, '&')
      if (name === 'id') ids.add(value)
      else if (name === 'href' || name === 'src') links.add(value)
    }
  }
  return { ids, links }
}

interface Place extends Pick<BuiltSite, 'dist' | 'base'> {
  readonly file: string
  readonly pages: ReadonlyMap<string, Page>
}

function problemOf(link: string, { file, dist, base, pages }: Place): string[] {
  if (/^(https?|mailto|data):/.test(link)) return []
  const { pathname, hash } = new URL(link, `http://site${base}${file.replace(/index\.html$/, '')}`)
  if (!pathname.startsWith(base)) return [`${file} links to ${link}, which lies outside ${base}`]
  const path = decodeURIComponent(pathname.slice(base.length))
  const to = path === '' || path.endsWith('/') ? `${path}index.html` : path
  if (!existsSync(join(dist, to))) return [`${file} links to ${link}, which does not exist`]
  const anchor = decodeURIComponent(hash.slice(1))
  if (anchor === '' || pages.get(to)?.ids.has(anchor) === true) return []
  return [`${file} links to ${link}, but ${to} has no such heading`]
}

/** The title is the top of its page and has no name of its own. */
function lostAnchors(documents: readonly Document[], pages: ReadonlyMap<string, Page>): string[] {
  return documents
    .filter(({ path }) => path.startsWith('docs/'))
    .flatMap(({ path, anchors, headings: [title = ''] }) => {
      const file = join(routeOf(path), 'index.html')
      const ids = pages.get(file)?.ids
      if (ids === undefined) return [`${path} has no page`]
      const lost = [...anchors].filter((anchor) => anchor !== slugOf(title) && !ids.has(anchor))
      return lost.map((anchor) => `${file} has no heading #${anchor}, to which links to ${path} may lead`)
    })
}
