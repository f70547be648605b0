/** Puts the dashboard, newly built, into `packages/server` as it is packed; with `--remove` takes it away again. */
import { cpSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { buildDashboard, DASHBOARD } from './build-dashboard.ts'

const PACKED = resolve(import.meta.dirname, '../packages/server/dashboard')

rmSync(PACKED, { recursive: true, force: true })
if (!process.argv.includes('--remove')) {
  const failure = buildDashboard()
  if (failure !== null) throw new Error(`the dashboard could not be built: ${failure}`)
  cpSync(DASHBOARD, PACKED, { recursive: true })
}
