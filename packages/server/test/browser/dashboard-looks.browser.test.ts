/**
 * How the dashboard looks, and whether everybody can use it: no violation that axe finds, nothing cut off, in light and dark.
 * With DASHBOARD_PICTURES=1 the pictures of the documentation are drawn anew.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { newToken } from '../../src/service/access/token-text.ts'
import { ConfigFolder } from '../e2e/config-folder.ts'
import { HAS_BROWSER } from './chromium.ts'
import { NARROW, openDashboard, overflow, WIDE } from './dashboard-page.ts'
import { drawPictures } from './dashboard-pictures.ts'
import { askOverHttp, floodOverResp, policiesWith, serveDashboard, withTokens } from './dashboard-traffic.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const DRAWS = process.env['DASHBOARD_PICTURES'] === '1'
const LOOKS = [
  { name: 'dashboard-1440', viewport: WIDE, colorScheme: 'light' },
  { name: 'dashboard-390', viewport: NARROW, colorScheme: 'light' },
  { name: 'dashboard-dark', viewport: WIDE, colorScheme: 'dark' },
  { name: 'dashboard-390-dark', viewport: NARROW, colorScheme: 'dark' },
] as const

interface Violation {
  readonly id: string
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[]
}

/** What axe finds wrong, as one line each. The page's own policy lets no script in, so this is asked where that is off. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE)
  const found = (await page.evaluate('axe.run().then(({ violations }) => violations)')) as Violation[]
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
  )
}

describe.skipIf(!HAS_BROWSER)('the look of the dashboard', () => {
  it.each(LOOKS)('is whole and open to everybody: $name', async ({ viewport, colorScheme }) => {
    using config = new ConfigFolder(policiesWith(5))
    await using headgate = await serveDashboard(config.file)
    for (const user of ['alice', 'alice', 'bob', 'carol']) await askOverHttp(headgate, user, 7)
    config.rename('version: 2\n')
    const { page } = await openDashboard(headgate.adminUrl, { viewport, colorScheme, bypassCSP: true })
    await page.locator('[data-warning=rejected]').waitFor()
    await page.locator('.denials li').first().waitFor()
    expect(await violations(page)).toEqual([])
    await page.getByLabel('Attributes').fill('user=alice')
    await page.getByRole('button', { name: 'Look', exact: true }).click()
    await page.getByRole('meter').first().waitFor()
    expect(await violations(page)).toEqual([])
    expect(await overflow(page)).toBe(0)
    await page.getByRole('button', { name: 'Block…' }).click()
    expect(await violations(page)).toEqual([])
  })

  it.each(['light', 'dark'] as const)(
    'is open to everybody where a token is wanted: %s',
    async (colorScheme) => {
      using config = new ConfigFolder(withTokens(policiesWith(5), { admin: newToken(), reader: newToken() }))
      await using headgate = await serveDashboard(config.file)
      const { page } = await openDashboard(headgate.adminUrl, { colorScheme, bypassCSP: true })
      await page.getByRole('heading', { name: 'A token is wanted' }).waitFor()
      expect(await violations(page)).toEqual([])
    },
  )

  it('stays small, however much is denied', async () => {
    using config = new ConfigFolder(policiesWith(1))
    await using headgate = await serveDashboard(config.file)
    const { page, faults } = await openDashboard(headgate.adminUrl)
    await page.locator('.tiles').waitFor()
    const asked = await floodOverResp(headgate, 20_000)
    await expect
      .poll(() => page.locator('.tile.denied').textContent(), { timeout: 30_000 })
      .toContain(`${(asked - 100).toLocaleString('en')} in all`)
    expect(await page.locator('.denials li').count()).toBeLessThan(20)
    expect(await page.evaluate('document.querySelectorAll("*").length')).toBeLessThan(1500)
    expect(faults).toEqual([])
  })

  it.runIf(DRAWS)('is drawn for the documentation', { timeout: 600_000 }, () =>
    drawPictures(LOOKS.slice(0, 3)),
  )
})
