import { describe, expect, it } from 'vitest'
import { parseDocument } from './document.ts'
import { brokenLinks, longDocuments } from './documents.ts'

const text = `# A page

See [b](b.md#second-part-of-b), [right
here](#a-page) and \`[no](link.md)\`.

<!-- before
const a = 1
-->

\`\`\`ts no-run
const b = a
\`\`\`

<!-- after
b.toFixed()
-->

\`\`\`sh
npm test
\`\`\`
`

describe('a document', () => {
  const page = parseDocument('docs/a.md', text)

  it('has blocks with the hidden lines around them, each line where it stands', () => {
    expect(page.blocks.map(({ place, language, flags }) => [place, language, flags])).toEqual([
      ['docs/a.md:10', 'ts', ['no-run']],
      ['docs/a.md:18', 'sh', []],
    ])
    const [block] = page.blocks
    expect(block?.text).toBe('const b = a')
    const lines = block?.source.split('\n') ?? []
    expect([lines[6], lines[10], lines[14]]).toEqual(['const a = 1', 'const b = a', 'b.toFixed()'])
    expect(lines.filter((line) => line !== '')).toHaveLength(3)
  })

  it('has links, but none in code', () => {
    expect(page.links).toEqual([
      { line: 3, target: 'b.md#second-part-of-b' },
      { line: 3, target: '#a-page' },
    ])
  })
})

describe('the check of links', () => {
  const pages = [
    parseDocument('docs/a.md', text),
    parseDocument('docs/b.md', '# B\n\n## Second part, of `b`\n\n[up](../README.md) [lost](#third)\n'),
  ]

  it('finds a missing file and a missing heading, and nothing else', () => {
    expect(brokenLinks(pages, (path) => path.startsWith('docs/'))).toEqual([
      'docs/b.md:5 links to ../README.md, which does not exist',
      'docs/b.md:5 links to #third, but docs/b.md has no such heading',
    ])
  })
})

describe('the check of lengths', () => {
  it('refuses a README of 151 lines', () => {
    const readme = [parseDocument('README.md', '')]
    expect(longDocuments(readme, () => 150)).toEqual([])
    expect(longDocuments(readme, () => 151)).toHaveLength(1)
  })
})
