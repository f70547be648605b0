/**
 * `npm run site:check`: builds the site for a path of its host and looks at it in a real Chromium: light and as wide as
 * a desk, dark and as narrow as a phone. It fails at what does not work, at what is asked of another host, and at what axe finds.
 */
import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import axe from 'axe-core'
import { type Browser, chromium, type Page } from 'playwright-core'
import { commandPath } from './redis-installers.ts'
import { serveFolder } from './site/serve-folder.ts'

/** In a folder of its host, where a link that forgets the folder is a dead one. */
const BASE = '/headgate/'
/** The first page, and at least one of each section. */
const ROUTES = [
  '',
  'guide/',
  'guide/which-form/',
  'reference/configuration/',
  'reference/openapi-http/',
  'reference/api/headgate/',
  'operations/metrics/',
  'decisions/',
  'source/examples/express/',
]
const WINDOWS = [
  { width: 1440, colorScheme: 'light' },
  { width: 390, colorScheme: 'dark' },
] as const

const problems: string[] = []
const executablePath = commandPath('chromium')
if (executablePath === undefined) throw new Error('there is no chromium: install it, and run this again')
const root = resolve(import.meta.dirname, '..')
const build = spawnSync(process.execPath, ['scripts/build-site.ts', '--base', BASE], {
  cwd: root,
  stdio: 'inherit',
})
if (build.status !== 0) process.exit(1)

await using server = await serveFolder(resolve(root, 'site/dist'), BASE)
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
try {
  for (const window of WINDOWS) await look(browser, window)
  await search(browser)
  await switchTheme(browser)
} finally {
  await browser.close()
}
for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exitCode = 1
else
  console.log(`${ROUTES.length} pages are well at ${WINDOWS.map(({ width }) => width).join(' and ')} pixels`)

async function look(browser: Browser, { width, colorScheme }: (typeof WINDOWS)[number]): Promise<void> {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme })
  const page = await context.newPage()
  watch(page)
  for (const route of ROUTES) {
    const response = await page.goto(server.url + route)
    const place = `${BASE}${route} at ${width} pixels, ${colorScheme}`
    if (response?.status() !== 200) problems.push(`${place}: status ${response?.status()}`)
    const theme = await themeOf(page)
    const isTooWide = await page.evaluate('document.documentElement.scrollWidth > window.innerWidth')
    if (theme !== colorScheme) problems.push(`${place}: is ${theme}`)
    if (isTooWide) problems.push(`${place}: is wider than the window`)
    problems.push(...(await violations(page)).map((said) => `${place}: ${said}`))
  }
  await context.close()
}

/** Whatever a page asks of another host, and every error of its console, is a problem. */
function watch(page: Page): void {
  page.on('request', (request) => {
    const url = request.url()
    if (!url.startsWith(server.url) && !/^(blob|data):/.test(url)) problems.push(`${page.url()} asks ${url}`)
  })
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(`${page.url()}: ${message.text()}`)
  })
  page.on('pageerror', (error) => problems.push(`${page.url()}: ${error.message}`))
}

interface AxeViolation {
  readonly id: string
  readonly impact: string | null
  readonly help: string
  readonly nodes: readonly { readonly target: readonly string[] }[]
}

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const found = (await page.evaluate('axe.run().then((result) => result.violations)')) as AxeViolation[]
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, help, nodes }) => `${id}: ${help} (${nodes.map(({ target }) => target.join(' ')).slice(0, 3)})`,
    )
}

/** The index of the search lies with the pages. */
async function search(browser: Browser): Promise<void> {
  const page = await browser.newPage()
  watch(page)
  await page.goto(server.url)
  await page.getByRole('button', { name: 'Search' }).click()
  await page.getByPlaceholder('Search').fill('sliding window')
  const first = page.locator('.pagefind-ui__result-link').first()
  await first.waitFor({ timeout: 10_000 })
  await first.click()
  await page.waitForURL((url) => url.pathname !== BASE && url.pathname.startsWith(BASE))
  await page.close()
}

async function switchTheme(browser: Browser): Promise<void> {
  const page = await browser.newPage({ colorScheme: 'light' })
  watch(page)
  await page.goto(server.url)
  await page.getByLabel('Select theme').first().selectOption('dark')
  await page.goto(`${server.url}guide/`)
  const theme = await themeOf(page)
  if (theme !== 'dark') problems.push(`the theme that was chosen is lost on the next page: ${theme}`)
  await page.close()
}

function themeOf(page: Page): Promise<string> {
  return page.evaluate('document.documentElement.dataset.theme')
}
