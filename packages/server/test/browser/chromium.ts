import { type Browser, chromium } from 'playwright-core'
import { afterEach } from 'vitest'
import { commandPath } from '../../../../scripts/redis-installers.ts'

const executablePath = commandPath('chromium')

/** Whether there is a browser; where there is none, its tests are skipped. */
export const HAS_BROWSER: boolean = executablePath !== undefined

if (!HAS_BROWSER) console.warn('the tests in a browser are SKIPPED: there is no chromium')

const open: Browser[] = []

afterEach(async () => {
  await Promise.all(open.splice(0).map((browser) => browser.close()))
})

/** Starts a real Chromium, which ends with the test. */
export async function openBrowser(): Promise<Browser> {
  if (executablePath === undefined) throw new Error('there is no chromium')
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  open.push(browser)
  return browser
}
