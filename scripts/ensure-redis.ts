/** Makes sure that the tests have a redis-server: the one of HEADGATE_REDIS_SERVER, of PATH, or a fresh install. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hasCommand, type Installer, installers } from './redis-installers.ts'

const installTimeoutMs = 300_000
const advice =
  'Install Redis 7 or newer, or set HEADGATE_REDIS_SERVER to a redis-server executable, and run this again'

if (import.meta.main) process.exitCode = ensureRedis()

/** Finds or installs a redis-server; returns the exit code of the script. */
export function ensureRedis(): number {
  const chosen = process.env['HEADGATE_REDIS_SERVER']
  if (chosen) {
    if (printsVersion(chosen)) return 0
    return fail(
      `HEADGATE_REDIS_SERVER is '${chosen}', which does not run: set it to a redis-server executable`,
    )
  }
  if (printsVersion('redis-server')) return 0
  const installer = installers.find((one) => hasCommand(one.name))
  if (!installer) return fail(`redis-server not found, and no ${names()} to install it with. ${advice}`)
  console.log(
    `redis-server not found: installing it with ${installer.name} (set HEADGATE_REDIS_SERVER to use another)`,
  )
  return install(installer)
}

function install(installer: Installer): number {
  const asRoot = !installer.needsRoot || process.getuid?.() === 0
  const [command, ...args] = [...(asRoot ? [] : ['sudo', '-n']), 'sh', '-c', installer.script]
  const run = spawnSync(command ?? 'sh', args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    timeout: installTimeoutMs,
  })
  const log = join(mkdtempSync(join(tmpdir(), 'headgate-redis-')), 'install.log')
  writeFileSync(log, `${run.stdout}${run.stderr}${run.error ?? ''}\n`)
  if (run.status === 0 && printsVersion('redis-server')) return 0
  console.error(readFileSync(log, 'utf8'))
  const why =
    run.status === 0
      ? 'left no redis-server on PATH'
      : `failed (${run.error?.message ?? `code ${run.status}`})`
  return fail(`redis-server is missing: ${asRoot ? '' : 'sudo -n '}${installer.name} ${why}. ${advice}`)
}

function printsVersion(command: string): boolean {
  const run = spawnSync(command, ['--version'], { encoding: 'utf8', timeout: 10_000 })
  return run.status === 0 && /\d+\.\d+/.test(run.stdout)
}

function names(): string {
  return installers.map((one) => one.name).join(', ')
}

function fail(message: string): number {
  console.error(`ensure-redis: ${message}`)
  return 1
}
