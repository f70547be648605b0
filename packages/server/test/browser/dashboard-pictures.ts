/** Pictures of the dashboard for the documentation, after a while of traffic that looks like that of a shop. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BrowserContextOptions } from 'playwright-core'
import { ConfigFolder } from '../e2e/config-folder.ts'
import type { HeadgateProcess } from '../e2e/headgate-process.ts'
import { openDashboard } from './dashboard-page.ts'
import { serveDashboard } from './dashboard-traffic.ts'
import { shrinkPng } from './shrink-png.ts'

const IMAGES = join(import.meta.dirname, '../../../../docs/images')
const POLICIES = `version: 1
policies:
  - { name: api, key: user, rules: [{ name: burst, limit: 40/10s }, 600/min] }
  - { name: login, match: { path: /login }, key: ip, rules: [30/min], ban: [1m, 10m] }
  - { name: search, match: { path: /search }, key: [tenant, user], rules: [12/min], mode: shadow }
  - { name: exports, match: { path: /export/** }, key: tenant, rules: [200/min, 2000/h] }
  - { name: partners, key: apiKey, rules: [{ limit: 600/min, burst: 100 }] }
  - { name: everything, key: global, rules: [100000/min] }
`
const WIDE_HEIGHT = 740
const TRAFFIC_MS = 320_000

export interface Picture extends Pick<BrowserContextOptions, 'viewport' | 'colorScheme'> {
  readonly name: string
}

/** Draws pictures of the first screen, all of one service, after five minutes of traffic. */
export async function drawPictures(pictures: readonly Picture[]): Promise<void> {
  using config = new ConfigFolder(POLICIES)
  await using headgate = await serveDashboard(config.file)
  const open = await Promise.all(
    pictures.map(({ name: _, ...options }) => openDashboard(headgate.adminUrl, options)),
  )
  await shopTraffic(headgate, TRAFFIC_MS)
  mkdirSync(IMAGES, { recursive: true })
  for (const [i, { page }] of open.entries()) {
    const { width = 0, height = 0 } = page.viewportSize() ?? {}
    // What is below on a wide screen has no room in 200 KB.
    const clip = { x: 0, y: 0, width, height: width > height ? WIDE_HEIGHT : height }
    const png = shrinkPng(await page.screenshot({ clip }))
    writeFileSync(join(IMAGES, `${pictures[i]?.name}.png`), png)
  }
}

/** Some ask seldom, few ask often, and it comes in waves. */
async function shopTraffic(headgate: HeadgateProcess, forMs: number): Promise<void> {
  const start = performance.now()
  for (let elapsed = 0; elapsed < forMs; elapsed = performance.now() - start) {
    const wave = 12 + 8 * Math.sin(elapsed / 20_000) + 3 * Math.sin(elapsed / 3000)
    await Promise.all(
      Array.from({ length: Math.round(wave) }, () =>
        headgate.post('/v1/consume', { attributes: customer() }),
      ),
    )
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

const USERS = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank', 'grace', 'heidi']
const PATHS = ['/', '/', '/', '/search', '/login', '/export/orders']

function customer(): Record<string, string> {
  const nth = Math.floor(Math.random() ** 2.5 * 40)
  const pick = (texts: readonly string[]): string => texts[Math.floor(Math.random() * texts.length)] as string
  return {
    user: USERS[nth] ?? `customer-${nth}`,
    ip: `192.0.2.${nth}`,
    tenant: nth % 3 === 0 ? 'acme' : 'globex',
    apiKey: `key-${nth % 5}`,
    path: pick(PATHS),
  }
}
