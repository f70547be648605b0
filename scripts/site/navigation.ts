/** What the site's navigation shows, from the lists in the README of each folder of documents: there is no other list. */
import { existsSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import type { Document } from '../../packages/limiter/test/docs/document.ts'
import { root } from '../../packages/limiter/test/docs/documents.ts'

/** The sections of the documents, in the order of the site. */
export const SECTIONS = ['guide', 'reference', 'operations', 'decisions'] as const

/** A page, or a group of pages under a label. */
export type NavigationItem = string | NavigationGroup

export interface NavigationGroup {
  readonly label: string
  /** Paths of documents, and groups of them. */
  readonly items: NavigationItem[]
}

/** What a README lists: documents of its folder in groups that its headings, table heads and bold beginnings name. */
export function navigationOf(documents: readonly Document[], readme: string): NavigationGroup {
  const byPath = new Map(documents.map((document) => [document.path, document]))
  return listedBy(readme, { byPath, seen: new Set([readme]) })
}

/** Says which documents no README lists, so that nobody would find them. */
export function unlistedDocuments(documents: readonly Document[]): string[] {
  const listed = new Set(
    SECTIONS.flatMap((section) => {
      const readme = `docs/${section}/README.md`
      return [readme, ...pathsOf(navigationOf(documents, readme))]
    }),
  )
  return documents
    .filter(({ path }) => path.startsWith('docs/') && !listed.has(path))
    .map(({ path }) => `${path} is in no list: name it in docs/${path.split('/')[1]}/README.md`)
}

/** Paths of all documents of a group. */
export function pathsOf({ items }: NavigationGroup): string[] {
  return items.flatMap((item) => (typeof item === 'string' ? [item] : pathsOf(item)))
}

/** A document's title without marks of code. */
export function titleOf({ path, headings: [title] }: Document): string {
  if (title === undefined) throw new Error(`${path} has no heading: begin it with "# Title"`)
  return title.replaceAll('`', '')
}

interface Listing {
  readonly byPath: ReadonlyMap<string, Document>
  readonly seen: Set<string>
}

function listedBy(readme: string, listing: Listing): NavigationGroup {
  const document = listing.byPath.get(readme)
  if (document === undefined || !existsSync(join(root, readme))) {
    throw new Error(`${readme} is missing: it lists the pages of its folder`)
  }
  const labels = labelsOf(readFileSync(join(root, readme), 'utf8').split('\n'))
  const folder = posix.dirname(readme)
  const items: NavigationItem[] = [readme]
  let group = null as NavigationGroup | null
  for (const { line, target } of document.links) {
    const path = posix.join(folder, target.split('#')[0] ?? '')
    if (!path.startsWith(`${folder}/`) || !listing.byPath.has(path) || listing.seen.has(path)) continue
    listing.seen.add(path)
    const label = labels[line - 1] ?? null
    if (label !== null && label !== group?.label) {
      group = { label, items: [] }
      items.push(group)
    }
    const to = label === null || group === null ? items : group.items
    to.push(path.endsWith('/README.md') ? listedBy(path, listing) : path)
  }
  return { label: titleOf(document), items }
}

/** For each line the label that it stands under: that of the last heading, table head or bold beginning. */
function labelsOf(lines: readonly string[]): (string | null)[] {
  let now: string | null = null
  return lines.map((line, i) => {
    const isHead = /^\| *:?-/.test(lines[i + 1] ?? '')
    const mark = isHead ? /^\| *([^|\s][^|]*?) *\|/ : /^(?:##+ +|\*\*)(.+?)\.?(?:\*\*|$)/
    const said = mark.exec(line)?.[1]
    if (said !== undefined) now = said.charAt(0).toUpperCase() + said.slice(1)
    return now
  })
}
