/** Makes sure that the long tests have promtool. Where it cannot be installed it says so, and those tests are skipped. */
import { spawnSync } from 'node:child_process'
import { hasCommand, installersOf } from './redis-installers.ts'

const TOOL = 'promtool'
const INSTALL_TIMEOUT_MS = 300_000

if (import.meta.main) ensurePrometheus()

/** Installs Prometheus, which has promtool, where that is missing. */
export function ensurePrometheus(): void {
  if (hasCommand(TOOL)) return
  const installer = installersOf('prometheus').find(({ name }) => hasCommand(name))
  if (installer === undefined) {
    warn('there is no package manager to install it with')
    return
  }
  console.log(`${TOOL} not found: installing prometheus with ${installer.name}`)
  const sudo = installer.needsRoot && process.getuid?.() !== 0 ? ['sudo', '-n'] : []
  const [command = 'sh', ...args] = [...sudo, 'sh', '-c', installer.script]
  const run = spawnSync(command, args, { encoding: 'utf8', timeout: INSTALL_TIMEOUT_MS })
  if (!hasCommand(TOOL)) warn(`${run.stdout ?? ''}${run.stderr ?? ''}${run.error ?? ''}`)
}

function warn(why: string): void {
  console.warn(`ensure-prometheus: the tests of alert rules are SKIPPED: ${why}`)
}
