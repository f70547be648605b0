import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { parseDocument } from '../../packages/limiter/test/docs/document.ts'
import { readDocuments } from '../../packages/limiter/test/docs/documents.ts'
import { siteProblems } from './check-pages.ts'
import { bodyOf } from './document-page.ts'
import { navigationOf, pathsOf, SECTIONS, unlistedDocuments } from './navigation.ts'
import { routeOf, withFrontMatter } from './site-page.ts'
import { foldersIn, sourcePage } from './source-page.ts'

const documents = readDocuments()
const targets = { base: '/b/', onLink: () => {}, isTitle: (_: string, anchor: string) => anchor === 'title' }

describe('navigation', () => {
  it.each(SECTIONS)('has every page of %s once', (section) => {
    const paths = pathsOf(navigationOf(documents, `docs/${section}/README.md`))
    const inFolder = documents.map(({ path }) => path).filter((path) => path.startsWith(`docs/${section}/`))
    expect(paths.sort()).toEqual(inFolder.sort())
  })

  it('has the order and the groups of the list', () => {
    const guide = navigationOf(documents, 'docs/guide/README.md')
    expect(guide.items[0]).toBe('docs/guide/README.md')
    expect(guide.items[1]).toMatchObject({ label: 'To begin' })
    expect(guide.items).toContainEqual(expect.objectContaining({ label: 'The service' }))
  })

  it('refuses a page that is in no list', () => {
    const page = parseDocument('docs/guide/lost.md', '# Lost')
    expect(unlistedDocuments([...documents, page])).toEqual([
      'docs/guide/lost.md is in no list: name it in docs/guide/README.md',
    ])
  })
})

describe('a page of a document', () => {
  it('shows nothing of what is hidden around blocks', () => {
    const text =
      '# Title\n\n<!-- before\nsecret()\n-->\n\n```ts\nshown()\n```\n\n<!-- after\nhidden()\n-->\n\nEnd\n'
    const body = bodyOf('docs/guide/a.md', text, targets)
    expect(body).toContain('```ts\nshown()\n```')
    expect(body).toContain('End')
    expect(body).not.toMatch(/secret|hidden|<!--|# Title/)
  })

  it('leads to pages of the site, and to copies of what is none', () => {
    const linked: string[] = []
    const text =
      '# T\n\n[a](redis.md#urls) [b](../README.md) [c](../../examples/koa) [`d`](../images/d.svg) [e](b.md#title)'
    const body = bodyOf('docs/guide/a.md', text, { ...targets, onLink: (path) => linked.push(path) })
    expect(body).toBe(
      '[a](/b/guide/redis/#urls) [b](/b/) [c](/b/source/examples/koa/) [`d`](/b/images/d.svg) [e](/b/guide/b/)',
    )
    expect(linked).toHaveLength(5)
  })

  it('leaves links in code, to other hosts and within the page', () => {
    const text = '# T\n\n`[a](b.md)` [c](https://example.com/x.md) [d](#e)\n\n```md\n[f](g.md)\n```'
    expect(`# T\n\n${bodyOf('docs/guide/a.md', text, targets)}`).toBe(text)
  })

  it('has its title and address in front', () => {
    const page = withFrontMatter({ route: 'guide/a', title: 'A "b"', text: 'c', isSearched: false })
    expect(page).toBe('---\ntitle: "A \\"b\\""\nslug: "guide/a"\npagefind: false\n---\n\nc')
  })

  it.each([
    ['README.md', ''],
    ['docs/guide/README.md', 'guide'],
    ['docs/guide/migration/from-limitr.md', 'guide/migration/from-limitr'],
    ['examples/express/main.ts', 'source/examples/express/main-ts'],
  ])('has for %s the address %s', (path, route) => {
    expect(routeOf(path)).toBe(route)
  })
})

describe('a page of sources', () => {
  it('shows the files of a folder, and names those in it', () => {
    expect(sourcePage('examples/express', '/').text).toMatch(/^## package\.json\n\n````json\n/m)
    expect(foldersIn('examples')).toContain('examples/express')
  })
})

describe('the check of pages', () => {
  const folders: string[] = []
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
  })

  function built(files: Readonly<Record<string, string>>): string {
    const dist = mkdtempSync(join(tmpdir(), 'headgate-site-'))
    folders.push(dist)
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(dist, path)), { recursive: true })
      writeFileSync(join(dist, path), text)
    }
    return dist
  }

  it('finds links that lead nowhere', () => {
    const dist = built({
      'index.html':
        '<a href="/b/a/#here">1</a><a href="a/#gone">2</a><a href="/b/c/">3</a><a href="/a/">4</a>',
      'a/index.html': `<h2 id="here">Here</h2><button data-code='<a href="/code">'>Copy</button><p>href="/text"</p>`,
    })
    expect(siteProblems({ dist, base: '/b/', documents: [] })).toEqual([
      'index.html links to a/#gone, but a/index.html has no such heading',
      'index.html links to /b/c/, which does not exist',
      'index.html links to /a/, which lies outside /b/',
    ])
  })

  it('finds headings that have another name than in the document', () => {
    const dist = built({ 'guide/a/index.html': '<h2 id="one">One</h2>' })
    const document = parseDocument('docs/guide/a.md', '# A\n\n## One\n\n## Two')
    expect(siteProblems({ dist, base: '/', documents: [document] })).toEqual([
      'guide/a/index.html has no heading #two, to which links to docs/guide/a.md may lead',
    ])
  })
})
