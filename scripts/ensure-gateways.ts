/** Makes sure that the long tests have nginx and Caddy. Where they cannot be installed it says so, and those tests are skipped. */
import { spawnSync } from 'node:child_process'
import { hasCommand, installersOf } from './redis-installers.ts'

const GATEWAYS = ['nginx', 'caddy']
const INSTALL_TIMEOUT_MS = 300_000

if (import.meta.main) ensureGateways()

/** Installs the gateways that are missing. */
export function ensureGateways(): void {
  const missing = GATEWAYS.filter((name) => !hasCommand(name))
  if (missing.length === 0) return
  const installer = installersOf(missing.join(' ')).find(({ name }) => hasCommand(name))
  if (installer === undefined) {
    warn(missing, 'there is no package manager to install them with')
    return
  }
  console.log(`${missing.join(' and ')} not found: installing with ${installer.name}`)
  const sudo = installer.needsRoot && process.getuid?.() !== 0 ? ['sudo', '-n'] : []
  const [command = 'sh', ...args] = [...sudo, 'sh', '-c', installer.script]
  const run = spawnSync(command, args, { encoding: 'utf8', timeout: INSTALL_TIMEOUT_MS })
  const still = GATEWAYS.filter((name) => !hasCommand(name))
  if (still.length > 0) warn(still, `${run.stdout ?? ''}${run.stderr ?? ''}${run.error ?? ''}`)
}

function warn(missing: readonly string[], why: string): void {
  console.warn(`ensure-gateways: the tests of ${missing.join(' and ')} are SKIPPED: ${why}`)
}
