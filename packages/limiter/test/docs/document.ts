/** Reads a Markdown document: its headings, its links, and its code blocks with what stands around them. */
export interface Block {
  /** The document and the line of the fence, as in `docs/guide/redis.md:12`. */
  readonly place: string
  readonly language: string
  /** The words after the language, as in `ts no-run`. */
  readonly flags: readonly string[]
  /** What the reader sees. */
  readonly text: string
  /** What is compiled: with the hidden lines before and after, every line where it stands in the document. */
  readonly source: string
}

export interface Link {
  readonly line: number
  readonly target: string
}

export interface Document {
  readonly path: string
  /** Texts of headings, from `#` to `######`. */
  readonly headings: readonly string[]
  /** Names that links may end in, after `#`. */
  readonly anchors: ReadonlySet<string>
  readonly links: readonly Link[]
  readonly blocks: readonly Block[]
}

/** Which part of a document a line belongs to. */
type Part = 'prose' | 'mark' | 'code' | 'before' | 'after' | 'comment'

/** Hidden lines: `<!-- before` (up to `-->`) in front of a block, and `<!-- after` behind one. */
const COMMENT = /^\s*<!--\s*(before|after)?\s*$/
const FENCE = /^\s*(`{3,})\s*(\S*)\s*(.*)$/

/** Parses the text of the document at `path`. */
export function parseDocument(path: string, text: string): Document {
  const lines = text.split('\n')
  const parts = partsOf(lines)
  const prose = lines.map((line, i) => (parts[i] === 'prose' ? line : ''))
  const headings = prose.flatMap((line) => /^#{1,6}\s+(.*?)\s*$/.exec(line)?.[1] ?? [])
  return {
    path,
    headings,
    anchors: anchorsOf(headings, prose.join('\n')),
    links: linksOf(prose),
    blocks: blocksOf(path, lines, parts),
  }
}

/** A line, and whether it is prose: links are looked for in prose only. */
export interface VisibleLine {
  readonly line: string
  readonly isProse: boolean
}

/** Lines that a reader sees: without what is hidden around code blocks. */
export function visibleLines(text: string): VisibleLine[] {
  const lines = text.split('\n')
  const parts = partsOf(lines)
  return lines.flatMap((line, i): VisibleLine[] => {
    const part = parts[i]
    if (part === 'prose') return [{ line, isProse: true }]
    return part === 'code' || (part === 'mark' && FENCE.test(line)) ? [{ line, isProse: false }] : []
  })
}

/** A link in a text. */
export interface FoundLink {
  readonly target: string
  /** Where the link begins. */
  readonly begin: number
  /** Where its target begins. */
  readonly targetBegin: number
}

/** Links of prose. They may be broken over lines, and so may code, in which there are none. */
export function findLinks(prose: string): FoundLink[] {
  const text = prose.replaceAll(/`(?:[^`\n]|\n(?!\n))*`/g, (code) => code.replaceAll(/[^\n]/g, ' '))
  return Array.from(
    text.matchAll(/(\[[^\]]*\]\()([^)\s]+)\)/g),
    ({ 1: before = '', 2: target = '', index }) => ({
      target,
      begin: index,
      targetBegin: index + before.length,
    }),
  )
}

/** The name that a code host gives to a heading: lower case, dashes for spaces, no punctuation. */
export function slugOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M} _-]/gu, '')
    .replaceAll(' ', '-')
}

function partsOf(lines: readonly string[]): Part[] {
  let now: Part = 'prose'
  let fence = ''
  return lines.map((line) => {
    if (now === 'prose') {
      const comment = COMMENT.exec(line)
      const opens = FENCE.exec(line)
      if (comment !== null) now = (comment[1] ?? 'comment') as Part
      else if (opens === null) return 'prose'
      else {
        now = 'code'
        fence = opens[1] ?? ''
      }
      return 'mark'
    }
    const ends = now === 'code' ? line.trim() === fence : line.trim() === '-->'
    if (!ends) return now
    now = 'prose'
    return 'mark'
  })
}

function blocksOf(path: string, lines: readonly string[], parts: readonly Part[]): Block[] {
  return lines.flatMap((line, begin): Block[] => {
    const opens = parts[begin] === 'mark' ? FENCE.exec(line) : null
    if (opens === null || parts[begin - 1] === 'code' || parts[begin + 1] !== 'code') return []
    const end = parts.indexOf('mark', begin + 1)
    const inside = new Set<number>()
    for (let i = begin + 1; i < end; i++) inside.add(i)
    for (let i = hidden(lines, parts, begin, -1); parts[i] === 'before'; i--) inside.add(i)
    for (let i = hidden(lines, parts, end, 1); parts[i] === 'after'; i++) inside.add(i)
    const source = lines.map((one, i) => (inside.has(i) ? one : '')).join('\n')
    return [
      {
        place: `${path}:${begin + 1}`,
        language: opens[2] ?? '',
        flags: (opens[3] ?? '').split(' ').filter((flag) => flag !== ''),
        text: lines.slice(begin + 1, end).join('\n'),
        source: source.trimEnd(),
      },
    ]
  })
}

/** The nearest line of a comment beyond the fence at `from`, over empty lines and the comment's own mark. */
function hidden(lines: readonly string[], parts: readonly Part[], from: number, step: 1 | -1): number {
  let at = from + step
  while (parts[at] === 'prose' && lines[at]?.trim() === '') at += step
  return at + step
}

function linksOf(prose: readonly string[]): Link[] {
  const text = prose.join('\n')
  return findLinks(text).map(({ target, begin }) => ({
    line: text.slice(0, begin).split('\n').length,
    target,
  }))
}

/** Anchors as code hosts make them; one that is taken gets a number. */
function anchorsOf(headings: readonly string[], prose: string): Set<string> {
  const anchors = new Set(Array.from(prose.matchAll(/<a id="([^"]+)">/g), ([, id = '']) => id))
  for (const heading of headings) {
    const slug = slugOf(heading)
    let anchor = slug
    for (let n = 1; anchors.has(anchor); n++) anchor = `${slug}-${n}`
    anchors.add(anchor)
  }
  return anchors
}
