/** The dashboard against clients who choose keys to break it, and pages of other sites that find its address, in a real Chromium. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { ConfigFolder } from '../e2e/config-folder.ts'
import type { HeadgateProcess } from '../e2e/headgate-process.ts'
import { HAS_BROWSER, openBrowser } from './chromium.ts'
import { NARROW, openDashboard, overflow, WIDE } from './dashboard-page.ts'
import { policiesWith, serveDashboard } from './dashboard-traffic.ts'

const LONG_NAMES = `version: 1
policies:
  - { name: api, key: user, rules: [{ name: daily, limit: 1/day }] }
  - { name: ${'p'.repeat(64)}, key: [user, path], rules: [{ name: ${'r'.repeat(64)}, limit: 1/day }] }
`
/** Asks for the budget of a policy of a long name. */
const LONG_POLICY = { policy: 'p'.repeat(64), attributes: { user: 'eve', path: '/' } }
/** Too long to be told as a whole, and for a button. */
const CUT = expect.stringMatching(/^a{87}…a{12}… \(cut, [0-9a-f]{12}\)$/)
/** Keys as clients choose them, and how each is shown. */
const KEYS = {
  '<img src=x onerror=alert(1)>': '<img src=x onerror=alert(1)>',
  '\u202eecila': '\\u{202e}ecila',
  'alice\u200b': 'alice\\u{200b}',
  'a\u0000\r\n': 'a\\u{0}\\u{d}\\u{a}',
  '\u3164': '\\u{3164}',
  '~g': '~g',
  ['__proto__']: '__proto__',
  ['a'.repeat(3000)]: CUT,
  ['W'.repeat(150)]: `${'W'.repeat(87)}…${'W'.repeat(12)}`,
}

/** Denies each of these once. */
async function denyAll(headgate: HeadgateProcess, users: readonly string[]): Promise<void> {
  for (const user of users) {
    const attributes = { user, path: `/${user}` }
    await headgate.post('/v1/consume', { attributes })
    expect((await headgate.post('/v1/consume', { attributes })).status).toBe(429)
  }
}

/** A page of another site, open in a browser. */
async function openSite(html: string): Promise<{ readonly page: Page; readonly url: string } & Disposable> {
  const site = createServer((_, response) => response.setHeader('content-type', 'text/html').end(html))
  await once(site.listen(0, '127.0.0.1'), 'listening')
  const url = `http://site.localhost:${(site.address() as AddressInfo).port}/`
  const page = await (await openBrowser()).newPage()
  await page.goto(url)
  return { page, url, [Symbol.dispose]: () => void site.close() }
}

describe.skipIf(!HAS_BROWSER)('the dashboard under attack', () => {
  it.each([
    ['wide', WIDE],
    ['narrow', NARROW],
  ] as const)('shows keys as text that can be told apart, and stays whole: %s', async (_, viewport) => {
    using config = new ConfigFolder(LONG_NAMES)
    await using headgate = await serveDashboard(config.file)
    await denyAll(headgate, Object.keys(KEYS))
    const { page, faults } = await openDashboard(headgate.adminUrl, { viewport })
    const keys = page.getByRole('region', { name: 'Recent denials' }).locator('.key')
    await expect.poll(() => keys.allTextContents()).toEqual(Object.values(KEYS).reverse())
    expect(await page.locator('main img, main script').count()).toBe(0)
    await keys.filter({ hasText: '202e' }).click()
    await expect.poll(() => page.locator('.key-view').textContent()).toContain('1 of 1 used')
    await page.getByRole('button', { name: 'Block…' }).click()
    await page.getByRole('dialog', { name: 'Block \\u{202e}ecila for 10m?' }).waitFor()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByLabel('Attributes').fill('user=<img src=x onerror=alert(1)>')
    await page.getByRole('button', { name: 'Look', exact: true }).click()
    await page.getByText('No policy knows src or onerror').waitFor()
    await headgate.post('/v1/consume', LONG_POLICY)
    await headgate.post('/v1/consume', LONG_POLICY)
    await page
      .getByText(`${'p'.repeat(64)}/${'r'.repeat(64)}`)
      .first()
      .waitFor()
    for (const width of [viewport.width, 1000]) {
      await page.setViewportSize({ ...viewport, width })
      expect(await overflow(page)).toBe(0)
    }
    expect(faults).toEqual([])
  })

  it('is in no frame, and answers no script or form of another site', async () => {
    using config = new ConfigFolder(policiesWith(1))
    await using headgate = await serveDashboard(config.file)
    const { adminUrl } = headgate
    using site = await openSite(`<iframe src="${adminUrl}"></iframe><a href="${adminUrl}">the dashboard</a>
<form method=post enctype=text/plain action="${adminUrl}/v1/unblock"><input name='{"attributes":{"user":"x"},"a":"' value='"}'></form>`)
    const { page, url } = site
    expect(await page.frames()[1]?.evaluate('document.title')).not.toBe('Headgate')
    const fetched = (path: string, init: string): Promise<unknown> =>
      page.evaluate(`fetch('${adminUrl}${path}', ${init}).then(({ type }) => type, () => 'refused')`)
    expect(await fetched('/v1/health', '{}')).toBe('refused')
    expect(await fetched('/v1/health', "{ mode: 'no-cors' }")).toBe('refused')
    expect(await fetched('/v1/reset', "{ method: 'POST', mode: 'no-cors', body: '{}' }")).toBe('refused')
    const posted = page.waitForResponse(/unblock/)
    await page.evaluate('document.forms[0].submit()')
    expect((await posted).status()).toBe(403)
    await page.waitForURL(/unblock/)
    // A person may follow a link to it.
    await page.goto(url)
    await page.getByRole('link').click()
    await page.locator('.tiles').waitFor()
  })

  it('is not there under a name of another site that leads to it', async () => {
    using config = new ConfigFolder(policiesWith(1))
    await using headgate = await serveDashboard(config.file)
    const page = await (await openBrowser()).newPage()
    const { port } = new URL(headgate.adminUrl)
    for (const [host, status] of [
      ['site.localhost', 403],
      ['localhost', 200],
    ] as const) {
      expect((await page.goto(`http://${host}:${port}/`))?.status()).toBe(status)
    }
  })
})
