/** The dashboard in a real browser, with its policy of content on; whatever the console says against it is kept. */
import type { BrowserContextOptions, ConsoleMessage, Page } from 'playwright-core'
import { openBrowser } from './chromium.ts'

export const WIDE = { width: 1440, height: 900 } as const
export const NARROW = { width: 390, height: 844 } as const

/** A page, and what went wrong in it. */
export interface OpenPage {
  readonly page: Page
  /** Errors of scripts, what the policy of content refused, and other errors of the console, of the network left out. */
  readonly faults: string[]
  /** URLs that it asked. */
  readonly asked: string[]
}

/** Opens the dashboard. */
export async function openDashboard(url: string, options: BrowserContextOptions = {}): Promise<OpenPage> {
  const browser = await openBrowser()
  const context = await browser.newContext({ viewport: WIDE, ...options })
  const page = await context.newPage()
  const faults: string[] = []
  const asked: string[] = []
  page.on('console', (message) => {
    if (isFault(message)) faults.push(message.text())
  })
  page.on('pageerror', (error) => faults.push(String(error)))
  page.on('request', (request) => asked.push(request.url()))
  await page.goto(url)
  return { page, faults, asked }
}

/** What the browser itself says of answers that are errors is no fault of the page, which is to live with them. */
function isFault(message: ConsoleMessage): boolean {
  return ['error', 'warning'].includes(message.type()) && !/^Failed to load resource/.test(message.text())
}

/** The figure of a tile, such as `Denied`. */
export async function tile(page: Page, name: string): Promise<string> {
  const one = page.locator('.tile', { has: page.getByText(name, { exact: true }) })
  return (await one.textContent()) ?? ''
}

/** How far the page is wider than the window; 0 where nothing is cut off. */
export async function overflow(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth - innerWidth')
}
