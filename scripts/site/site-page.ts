/** One page of the site, as the generator reads it. */
export interface SitePage {
  /** Its address below the site's: `guide/redis`, and nothing for the first page. */
  readonly route: string
  readonly title: string
  /** Markdown without the title. */
  readonly text: string
  /** Whether the search finds it. */
  readonly isSearched: boolean
}

/** The address of what lies at a path of the repository: documents have that of their folder, all else one below `source`. */
export function routeOf(path: string): string {
  if (path === 'README.md') return ''
  const [, inDocs] = /^docs\/(.*)\.md$/.exec(path) ?? []
  if (inDocs !== undefined) return inDocs.replace(/(^|\/)README$/, '').replace(/\/$/, '')
  return `source/${path.replaceAll('.', '-').toLowerCase()}`
}

/** The address of a picture among the documents, which is copied; undefined for all else. */
export function pictureRouteOf(path: string): string | undefined {
  return /^docs\/(images\/.*\.(?:gif|jpe?g|png|svg|webp))$/.exec(path)?.[1]
}

/** A page with what the generator wants to know in front. */
export function withFrontMatter({ route, title, text, isSearched }: SitePage): string {
  const matter = { title, slug: route, ...(!isSearched && { pagefind: false }) }
  const lines = Object.entries(matter).map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
  return ['---', ...lines, '---', '', text].join('\n')
}
