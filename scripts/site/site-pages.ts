/** All pages of the site: the beginning of the README, the documents, and what they link to. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Document, slugOf } from '../../packages/limiter/test/docs/document.ts'
import { root } from '../../packages/limiter/test/docs/documents.ts'
import { bodyOf, type LinkTargets } from './document-page.ts'
import { SECTIONS, titleOf } from './navigation.ts'
import { pictureRouteOf, routeOf, type SitePage } from './site-page.ts'
import { foldersIn, readmeOf, sourcePage } from './source-page.ts'

/** Where the part of the README ends that the first page has; the rest is what the other pages tell. */
const README_END = /^## What exists$/m

/** What the site consists of. */
export interface SiteContents {
  readonly pages: readonly SitePage[]
  /** Paths of pictures, which are copied. */
  readonly pictures: readonly string[]
}

/** Collects the pages, beginning with the documents; `base` is what addresses of the site begin with. */
export function siteContents(documents: readonly Document[], base: string): SiteContents {
  const byPath = new Map(documents.map((document) => [document.path, document]))
  const paths = new Set(['README.md', ...documents.map(({ path }) => path).filter(isInDocs)])
  const isTitle: LinkTargets['isTitle'] = (path, anchor) =>
    slugOf(byPath.get(path)?.headings[0] ?? '') === anchor
  const targets = { base, onLink: (to: string) => void paths.add(to), isTitle }
  const pages: SitePage[] = []
  const pictures: string[] = []
  // What a page links to is appended, and so is visited too.
  for (const path of paths) {
    const document = byPath.get(path)
    if (pictureRouteOf(path) !== undefined) pictures.push(path)
    else if (document === undefined) {
      for (const folder of foldersIn(path)) paths.add(folder)
      const readme = byPath.get(readmeOf(path))
      const page = sourcePage(path, base)
      pages.push(readme === undefined ? page : withReadme(page, documentPage(readme, targets)))
    } else pages.push(documentPage(document, targets))
  }
  return { pages, pictures }
}

/** A folder's page that begins with its document. */
function withReadme(page: SitePage, { title, text }: SitePage): SitePage {
  return { ...page, title, text: `${text}\n\n${page.text}` }
}

function isInDocs(path: string): boolean {
  return path.startsWith('docs/')
}

function documentPage(document: Document, targets: LinkTargets): SitePage {
  const { path } = document
  const whole = readFileSync(join(root, path), 'utf8')
  const text = path === 'README.md' ? `${whole.split(README_END)[0]}\n${sections()}` : whole
  return {
    route: routeOf(path),
    title: titleOf(document),
    text: bodyOf(path, text, targets),
    isSearched: path === 'README.md' || isInDocs(path),
  }
}

/** The sections in the words of their own beginnings. */
function sections(): string {
  const lines = SECTIONS.map((section) => {
    const path = `docs/${section}/README.md`
    const [, title = '', first = ''] =
      /^# (.+)\n\n([\s\S]+?[.:])\s/.exec(readFileSync(join(root, path), 'utf8')) ?? []
    return `| [${title}](${path}) | ${first.replaceAll('\n', ' ')} |`
  })
  return ['## Documents', '', '| | |', '| --- | --- |', ...lines].join('\n')
}
