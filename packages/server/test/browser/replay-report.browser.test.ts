import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HeadgateProcess } from '../e2e/headgate-process.ts'
import { HAS_BROWSER, openBrowser } from './chromium.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
/** What somebody asks for who hopes that it ends in a report. */
const HOSTILE = '/<script>document.title="taken"</script><img/src=x/onerror=alert(1)>'

let folder: string
let page: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-replay-'))
  page = join(folder, 'report.html')
  const line = (i: number): string => {
    const time = `10/Oct/2026:13:${String(Math.floor(i / 60) % 60).padStart(2, '0')}:${String(i % 60).padStart(2, '0')} +0000`
    return `192.0.2.${i % 3} - - [${time}] "GET ${i % 7 === 0 ? HOSTILE : '/a'} HTTP/1.1" 200 1`
  }
  writeFileSync(join(folder, 'access.log'), Array.from({ length: 900 }, (_, i) => line(i)).join('\n'))
  writeFileSync(join(folder, 'old.yaml'), 'policies: [{ name: ip, key: ip, rules: [15/min] }]')
  writeFileSync(
    join(folder, 'new.yaml'),
    'policies: [{ name: ip, key: ip, rules: [12/min] }, { name: path, key: path, rules: [30/min] }]',
  )
  const args = ['access.log', '--config', 'new.yaml', '--against', 'old.yaml', '--html', 'report.html']
  const ended = await HeadgateProcess.run(['replay', ...args], {}, { folder })
  expect(ended).toMatchObject({ code: 0, stderr: '' })
})

afterAll(() => rmSync(folder, { recursive: true }))

async function opened(colorScheme: 'light' | 'dark'): Promise<{ page: Page; errors: string[] }> {
  const browser = await openBrowser()
  // The script that looks for violations is ours, and the policy of the page lets none run.
  const context = await browser.newContext({ colorScheme, bypassCSP: false })
  const errors: string[] = []
  const tab = await context.newPage()
  tab.on('console', (message) => errors.push(message.text()))
  tab.on('pageerror', (error) => errors.push(error.message))
  await tab.goto(pathToFileURL(page).href)
  return { page: tab, errors }
}

describe.skipIf(!HAS_BROWSER)('the report of a replay as a page', () => {
  it('shows its plots and tables, runs nothing of the log, and logs no error', async () => {
    const { page: tab, errors } = await opened('light')
    const plots = tab.locator('svg')
    expect(await plots.count()).toBe(2)
    for (const plot of await plots.all()) expect((await plot.boundingBox())?.height).toBeGreaterThan(100)
    expect(await tab.locator('svg rect.denied').count()).toBeGreaterThan(5)
    expect(await tab.locator('svg circle').count()).toBeGreaterThan(4)
    const fill = await tab.evaluate("getComputedStyle(document.querySelector('svg rect.denied')).fill")
    expect(fill).toBe('rgb(194, 64, 47)')
    expect(await tab.title()).toBe('What new.yaml makes of access.log')
    expect(await tab.locator('script, img').count()).toBe(0)
    expect(await tab.locator('main').innerText()).toContain('%3Cscript%3E')
    expect(errors).toEqual([])
  })

  it.each(['light', 'dark'] as const)('is accessible in %s colours', async (colorScheme) => {
    const { page: tab } = await opened(colorScheme)
    await tab.evaluate(AXE)
    const found = await tab.evaluate('axe.run()')
    const { violations } = found as { violations: { id: string; nodes: { html: string }[] }[] }
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([])
  })

  it('fits a small screen', async () => {
    const { page: tab } = await opened('light')
    await tab.setViewportSize({ width: 390, height: 800 })
    expect(await tab.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390)
  })
})
