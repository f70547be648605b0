/** What an operator sees and does, in a real Chromium on a real service with a real Redis. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { RedisServer } from '../../../limiter/test/redis-server.ts'
import { newToken, tokenHash } from '../../src/service/access/token-text.ts'
import { ConfigFolder } from '../e2e/config-folder.ts'
import { HAS_BROWSER } from './chromium.ts'
import { NARROW, openDashboard, overflow, tile } from './dashboard-page.ts'
import { askOverHttp, askOverResp, policiesWith, serveDashboard, withTokens } from './dashboard-traffic.ts'

let redis: RedisServer

beforeAll(async () => {
  redis = await RedisServer.start()
})
afterEach(async () => {
  if (redis.state === 'dead') await redis.restart()
})
afterAll(() => redis.stop())

/** What a page shows within a while, on a busy machine too. */
const soon = <T>(read: () => T) => expect.poll(read, { timeout: 30_000 })
const section = (page: Page, name: string) => page.getByRole('region', { name, exact: true })
const textOf = (page: Page, name: string) => () => section(page, name).textContent()

describe.skipIf(!HAS_BROWSER)('the dashboard', () => {
  it('shows what is admitted, what is denied and why, as it happens over HTTP and RESP', async () => {
    using config = new ConfigFolder(policiesWith(5))
    await using headgate = await serveDashboard(config.file, ['--store', redis.url])
    const { page, faults, asked } = await openDashboard(headgate.adminUrl)
    await soon(() => page.locator('.why').textContent()).toContain('Nobody asked')
    expect(await askOverHttp(headgate, 'alice', 12)).toBe(7)
    await askOverResp(headgate, 'bob', 6)
    await soon(() => tile(page, 'Admitted')).toContain('10 since the start')
    await soon(() => tile(page, 'Denied')).toContain('8 in all')
    await soon(() => tile(page, 'Would be denied')).toContain('12 in all')
    await soon(() => page.locator('.why').textContent()).toMatch(/8 denied \(44\.4 %\)\. All by api\/daily/)
    await soon(textOf(page, 'Denied by rule')).toMatch(/api\/daily5\/day.*8/)
    const denials = section(page, 'Recent denials')
    await soon(() => denials.textContent()).toMatch(/alicelimit used up7 times/)
    expect(await denials.textContent()).toMatch(
      /api\/daily \(5\/day\) was used up\. Passes again at [\d-]{10} \d\d:\d\d:\d\d, after 1 d/,
    )
    await soon(textOf(page, 'Keys denied most')).toMatch(/alice.*7.*bob.*1/)
    await soon(textOf(page, 'Keys that ask most')).toMatch(/everybody everybody18.*hidden key [0-9a-f]{12}/)
    await soon(textOf(page, 'Latency by source')).toMatch(/Store[\d.]+ ms/)
    await soon(textOf(page, 'Policies')).toContain('daily: at most 5 in any')
    expect(await page.locator('.plot canvas').count()).toBe(1)
    expect(faults).toEqual([])
    expect([...new Set(asked.map((url) => new URL(url).origin))]).toEqual([new URL(headgate.adminUrl).origin])
  })

  it('has a past when it is opened later', async () => {
    using config = new ConfigFolder(policiesWith(5))
    await using headgate = await serveDashboard(config.file)
    await askOverHttp(headgate, 'alice', 7)
    const { page } = await openDashboard(headgate.adminUrl)
    await soon(() => page.locator('.why').textContent()).toMatch(
      /^5 requests admitted .* 2 denied \(28\.6 %\)\. All by api\/daily/,
    )
    await soon(textOf(page, 'Recent denials')).toContain('alicelimit used up2 times')
  })

  it('finds a key, resets it and blocks it, after a question', async () => {
    using config = new ConfigFolder(policiesWith(5))
    await using headgate = await serveDashboard(config.file, ['--store', redis.url])
    await askOverHttp(headgate, 'carol', 6)
    const { page, faults } = await openDashboard(headgate.adminUrl)
    await page.getByLabel('Attributes').fill('user=carol')
    await page.getByRole('button', { name: 'Look', exact: true }).click()
    const view = page.locator('.key-view')
    await soon(() => view.textContent()).toContain('5 of 5 used, 0 left')
    expect(await view.getByRole('meter', { name: 'daily: units used' }).getAttribute('value')).toBe('5')
    await soon(() => view.textContent()).toMatch(/Its denials.*api\/daily \(5\/day\) was used up/)
    await view.getByRole('button', { name: 'Reset…' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
    expect(await view.textContent()).toContain('5 of 5 used')
    await view.getByRole('button', { name: 'Reset…' }).click()
    await page.getByRole('dialog', { name: 'Reset carol?' }).getByRole('button', { name: 'Reset' }).click()
    await soon(() => view.getByRole('status').textContent()).toBe('carol was reset in api.')
    await soon(() => view.textContent()).toContain('0 of 5 used, 5 left. Nothing is used.')
    expect(await askOverHttp(headgate, 'carol', 1)).toBe(0)

    await view.getByLabel('Block for').selectOption('1h')
    await view.getByRole('button', { name: 'Block…' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Block' }).click()
    await soon(() => view.textContent()).toContain('Blocked or banned for 1 h more')
    expect(await askOverHttp(headgate, 'carol', 1)).toBe(1)
    await view.getByRole('button', { name: 'Unblock…' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Unblock' }).click()
    await soon(() => view.textContent()).not.toContain('Blocked or banned')
    await soon(textOf(page, 'Configuration')).toContain('Unblocked carol in api')
    expect(faults).toEqual([])
  })

  it('looks at a key of a list, and at one policy by the attributes of its key', async () => {
    using config = new ConfigFolder(policiesWith(2))
    await using headgate = await serveDashboard(config.file)
    await askOverHttp(headgate, 'dave', 4)
    const { page, faults } = await openDashboard(headgate.adminUrl)
    await section(page, 'Keys denied most').getByRole('button', { name: 'dave' }).click()
    const view = page.locator('.key-view')
    await soon(() => view.textContent()).toContain('2 of 2 used')
    await page.getByLabel('Policy').selectOption('pairs')
    await page.getByLabel('user', { exact: true }).fill('dave')
    await page.getByRole('button', { name: 'Look', exact: true }).click()
    await soon(textOf(page, 'Look at a key')).toContain('Write a value for ip')
    await page.getByLabel('ip', { exact: true }).fill('192.0.2.7')
    await page.getByRole('button', { name: 'Look', exact: true }).click()
    await soon(() => view.textContent()).toMatch(/user=dave · ip=192\.0\.2\.7.*pairs.*in shadow/)
    expect(faults).toEqual([])
  })

  it('says that the store is away and by what decisions are made, and that it is back', async () => {
    using config = new ConfigFolder(policiesWith(1000))
    await using headgate = await serveDashboard(config.file, ['--store', redis.url])
    await askOverHttp(headgate, 'erin', 3)
    const { page, faults } = await openDashboard(headgate.adminUrl)
    await soon(() => tile(page, 'Store')).toContain('answers')
    await redis.crash()
    const banner = page.locator('[data-warning=store]')
    await soon(async () => {
      await askOverHttp(headgate, 'erin', 3)
      return banner.count()
    }).toBe(1)
    await soon(() => banner.textContent()).toMatch(/The store does not answer.*by the share of this instance/)
    await soon(() => tile(page, 'Store')).toContain('away')
    await redis.restart()
    await soon(async () => {
      await askOverHttp(headgate, 'erin', 1)
      return banner.count()
    }).toBe(0)
    await soon(() => tile(page, 'Store')).toContain('answers')
    expect(faults).toEqual([])
  })

  it('shows another configuration when the file changes, and why one is rejected', async () => {
    using config = new ConfigFolder(policiesWith(5))
    await using headgate = await serveDashboard(config.file)
    const { page, faults } = await openDashboard(headgate.adminUrl)
    const hash = page.locator('.facts code')
    const before = await hash.textContent()
    config.rename(policiesWith(6))
    await soon(() => hash.textContent()).not.toBe(before)
    await soon(textOf(page, 'Policies')).toContain('daily: at most 6 in any')
    config.rename(policiesWith(7).replace('7/day', '7/dax'))
    const banner = page.locator('[data-warning=rejected]')
    await soon(() => banner.textContent()).toMatch(
      /still in force.*policies\[0\]\.rules\[0\]\.limit, line 3: .*dax/,
    )
    await soon(textOf(page, 'Configuration')).toMatch(/rejected.*dax/)
    config.rename(policiesWith(8))
    await soon(() => banner.count()).toBe(0)
    expect(faults).toEqual([])
  })

  it('asks for a token, takes it, keeps it in the tab alone, and offers what it is for', async () => {
    const tokens = { admin: newToken(), reader: newToken() }
    using config = new ConfigFolder(withTokens(policiesWith(5), tokens))
    await using headgate = await serveDashboard(config.file)
    const { page, faults } = await openDashboard(headgate.adminUrl)
    await page.getByRole('heading', { name: 'A token is wanted' }).waitFor()
    const give = async (token: string): Promise<void> => {
      await page.getByLabel('Token', { exact: true }).fill(token)
      await page.getByRole('button', { name: 'Use this token' }).click()
    }
    await give('жетон')
    await page.getByText('A token is one word').waitFor()
    await give('of-another-kind')
    await page.getByText('is not of the form of those of this service').waitFor()
    await give('hgt_wrong')
    await page.getByText('the token is none of this service').waitFor()
    await page.getByRole('heading', { name: 'This token will not do' }).waitFor()
    await give(tokens.reader)
    await soon(() => tile(page, 'Admitted')).toContain('/s')
    await page.getByLabel('Attributes').fill('user=alice')
    await page.getByRole('button', { name: 'Look', exact: true }).click()
    await soon(() => page.locator('.key-view').textContent()).toMatch(/“reader” only looks.*scope admin/)
    expect(await page.getByRole('button', { name: /Reset|Block/ }).count()).toBe(0)
    expect(
      await page.evaluate('JSON.stringify(localStorage) + document.cookie + location.href'),
    ).not.toContain('hgt_')
    await page.reload()
    await soon(() => tile(page, 'Admitted')).toContain('/s')
    await page.getByRole('button', { name: 'Forget token' }).click()
    await page.getByRole('heading', { name: 'A token is wanted' }).waitFor()
    await give(tokens.admin)
    await soon(() => tile(page, 'Admitted')).toContain('/s')
    await page.getByLabel('Attributes').fill('user=alice')
    await page.getByRole('button', { name: 'Look', exact: true }).click()
    await page.getByRole('button', { name: 'Reset…' }).waitFor()
    expect(faults).toEqual([])
  })

  it('shows a token of some policies what it may see, and says what it may not', async () => {
    const token = newToken()
    const own = `tokens:\n  - { name: team, hash: '${tokenHash(token)}', scopes: [read], policies: [api] }\n`
    using config = new ConfigFolder(policiesWith(5) + own)
    await using headgate = await serveDashboard(config.file)
    const { page, faults } = await openDashboard(headgate.adminUrl)
    await page.getByLabel('Token', { exact: true }).fill(token)
    await page.keyboard.press('Enter')
    await soon(() => tile(page, 'Admitted')).toContain('/s')
    await soon(textOf(page, 'Latency by source')).toContain('A token of some policies is not told this')
    await soon(textOf(page, 'Configuration')).toContain('A token of some policies is not told of changes')
    await soon(textOf(page, 'Policies')).toMatch(/api.*daily: at most 5/)
    expect(await section(page, 'Policies').textContent()).not.toContain('secrets')
    expect(faults).toEqual([])
  })

  it('says when the service is gone and how old its figures are, and comes back by itself', async () => {
    using config = new ConfigFolder(policiesWith(5))
    const first = await serveDashboard(config.file)
    const { page, faults } = await openDashboard(first.adminUrl)
    await soon(() => page.locator('.connection').textContent()).toMatch(/^Live \d\d:/)
    const port = new URL(first.adminUrl).port
    await first.stop()
    const banner = page.locator('[data-warning=connection]')
    await soon(() => banner.textContent()).toMatch(
      /Connection lost.*the last ones, of \d\d:\d\d:\d\d\. Next try at/,
    )
    await using _again = await serveDashboard(config.file, ['--admin-port', port])
    await soon(() => page.locator('.connection').textContent()).toMatch(/^Live/)
    expect(await banner.count()).toBe(0)
    expect(faults).toEqual([])
  })

  it('is used by the keyboard alone: search, reset, and the question', async () => {
    using config = new ConfigFolder(policiesWith(5))
    await using headgate = await serveDashboard(config.file)
    await askOverHttp(headgate, 'frank', 3)
    const { page, faults } = await openDashboard(headgate.adminUrl, { viewport: NARROW })
    await page.getByRole('link', { name: 'Look at a key' }).waitFor()
    await tabTo(page, 'Look at a key')
    await page.keyboard.press('Enter')
    await tabTo(page, 'Attributes')
    await page.keyboard.type('user=frank')
    await page.keyboard.press('Enter')
    await soon(() => page.locator('.key-view').textContent()).toContain('3 of 5 used')
    await tabTo(page, 'Reset…')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    await soon(() => page.getByRole('dialog').count()).toBe(0)
    // The focus is where it was.
    await soon(() => focused(page)).toBe('Reset…')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    await tabTo(page, 'Reset')
    await page.keyboard.press('Enter')
    await soon(() => page.locator('.key-view').textContent()).toContain('0 of 5 used')
    expect(await overflow(page)).toBe(0)
    expect(faults).toEqual([])
  })
})

const TABS_MAX = 60

/** Presses Tab until the focus is on what has this name. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let i = 0; i < TABS_MAX; i++) {
    if ((await focused(page)) === name) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`${TABS_MAX} tabs do not reach ${name}; the focus is on ${await focused(page)}`)
}

/** The name of what has the focus: its label, or its text. */
function focused(page: Page): Promise<string> {
  return page.evaluate('(document.activeElement?.labels?.[0] ?? document.activeElement)?.textContent')
}
