import { spawnSync } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'

const PACKAGE = resolve(import.meta.dirname, '../packages/dashboard')
/** More than ten times what it takes on a slow machine. */
const TIMEOUT_MS = 120_000

/** Where a build leaves it. */
export const DASHBOARD: string = resolve(PACKAGE, 'dist')

/** Whether it is built. */
export function hasDashboard(): boolean {
  return existsSync(resolve(DASHBOARD, 'index.html'))
}

/**
 * Builds the dashboard, which takes the library as it was built; answers what went wrong, null where nothing did. What a build leaves
 * that failed is taken away: it would pass for a page.
 */
export function buildDashboard(): string | null {
  const options = { cwd: PACKAGE, encoding: 'utf8', timeout: TIMEOUT_MS } as const
  const { status, stdout, stderr, error } = spawnSync('npm', ['run', '--silent', 'build'], options)
  if (status === 0 && hasDashboard()) return null
  rmSync(DASHBOARD, { recursive: true, force: true })
  const said = `${stdout ?? ''}${stderr ?? ''}`.trim()
  return error?.message ?? (said === '' ? `its build ended with ${status}, and without a page` : said)
}
