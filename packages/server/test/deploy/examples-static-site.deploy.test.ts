/** The example of a static site behind the edge proxy: by its README, as hostile clients would, and in a real browser. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasCommand } from '../../../../scripts/redis-installers.ts'
import { until } from '../../../limiter/test/harness/until.ts'
import { HAS_BROWSER, openBrowser } from '../browser/chromium.ts'
import { Example } from './example.ts'
import { spellingsOf, statusOf } from './hostile-clients.ts'

const missing = !hasCommand('python3')
if (missing) console.warn('SKIPPED: examples/static-site, since there is no python3')

async function start(change?: (text: string, file: string) => string): Promise<Example> {
  await using stack = new AsyncDisposableStack()
  const example = stack.use(await Example.start('static-site', { listens: [8080], change }))
  // The proxy listens before the web server does.
  const isServed = async (): Promise<boolean> =>
    (await statusOf(example.port(8080), 'GET /style.css')) === 200
  await until('the site is served', isServed, { withinMs: 30_000 })
  stack.move()
  return example
}

/** Guesses are not counted here, so that there can be many. */
const uncounted = (text: string, file: string): string =>
  file === 'headgate.yaml' ? text.replace('rules: [10/min]', 'rules: [1000/min]') : text

describe.skipIf(missing)('examples/static-site', () => {
  it('answers as its README says', async () => {
    await using example = await start()
    const { said, here } = await example.play()
    expect(said).toHaveLength(6)
    expect(here).toEqual(said)
  })
})

describe.skipIf(missing)('a client of examples/static-site', () => {
  let example: Example

  beforeAll(async () => {
    // What a page may not do stands in one, and in a folder of its own.
    example = await start((text, file) =>
      file === 'site/index.html'
        ? text.replace('</html>', '<script>document.title = "Inside"</script></html>')
        : uncounted(text, file),
    )
  })

  afterAll(() => example?.[Symbol.asyncDispose]())

  it('reaches the folder that takes a key by no spelling of it', async () => {
    const refused = [400, 401, 404]
    for (const target of [...spellingsOf('drafts'), '/DRAFTS/', '/Drafts;a=b/']) {
      const status = await statusOf(example.port(8080), `GET ${target}`)
      expect([target, refused.includes(status)]).toEqual([target, true])
    }
  })

  it('reaches nothing above the site', async () => {
    for (const target of ['/../headgate.yaml', '/%2e%2e/headgate.yaml', '/drafts/../../headgate.yaml']) {
      expect(await statusOf(example.port(8080), `GET ${target}`)).toBe(404)
    }
  })

  it('passes with a key that is given once, and says nothing of itself that is believed', async () => {
    const key = 'X-Api-Key: hgk_demo_nN7XEHMhVEj3pbRfk5iz146brF2XEjsJC39B3Vk9-D0'
    const ask = (...fields: string[]): Promise<number> => statusOf(example.port(8080), 'GET /drafts/', fields)
    expect(await ask(key)).toBe(200)
    expect(await ask(key, key)).toBe(400)
    expect(await ask('X-Auth-Principal: apikey:demo', 'X-Auth-Scopes: drafts')).toBe(401)
    expect(await ask('X-Original-Url: /', 'X-Rewrite-Url: /', 'X-HTTP-Method-Override: GET')).toBe(401)
  })

  it.skipIf(!HAS_BROWSER)(
    'sees pages that load what is theirs, and run nothing that stands inside of them',
    async () => {
      const browser = await openBrowser()
      const page = await browser.newPage()
      const said = complaints(page)
      await page.goto(`http://127.0.0.1:${example.port(8080)}/`)
      expect(await page.textContent('#said')).toBe('Scripts of this site run.')
      const color = await page.evaluate('getComputedStyle(document.querySelector("h1")).color')
      expect(color).toBe('rgb(0, 90, 160)')
      expect(await page.title()).toBe('A static site')
      expect(said).toEqual([expect.stringMatching(/inline script.*Content Security Policy/s)])
      said.length = 0
      const response = await page.goto(`http://127.0.0.1:${example.port(8080)}/drafts/`)
      expect(response?.status()).toBe(401)
    },
  )
})

/** What the browser complains of. */
function complaints(page: Page): string[] {
  const said: string[] = []
  page.on('console', (message) => message.type() === 'error' && said.push(message.text()))
  page.on('pageerror', (error) => said.push(error.message))
  return said
}
