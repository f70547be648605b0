/** Makes sure that the long tests have Bun, Deno and workerd. Where they cannot be installed it says so, and those tests are skipped. */
import { spawnSync } from 'node:child_process'
import { globSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** The packages that hold them, at the versions tested, and where in the package of a platform the program lies. */
const tools = {
  bun: { version: '1.4.5', program: '@oven/bun-*/bin/bun' },
  deno: { version: '2.9.6', program: '@deno/*/deno' },
  workerd: { version: '1.20261117.1', program: '@cloudflare/workerd-*/bin/workerd' },
  // Bundles for workerd, as the tools for Workers do.
  esbuild: { version: '0.28.2', program: '@esbuild/*/bin/esbuild' },
}

/** A program that the tests of runtimes start. */
export type Tool = keyof typeof tools

const names = Object.keys(tools) as Tool[]
const packages = names.map((name) => `${name}@${tools[name].version}`)
// Not of the workspace: they are as large as all that it needs.
const folder = resolve(import.meta.dirname, '../node_modules/.cache/headgate-runtimes', packages.join('_'))
const INSTALL_TIMEOUT_MS = 300_000
const VERSION_MS = 30_000

if (import.meta.main) ensureRuntimes()

/** Installs those that are missing. */
export function ensureRuntimes(): void {
  if (missing().length === 0) return
  console.log(`${missing().join(', ')} not found: installing with npm into ${folder}`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "private": true }')
  const flags = ['--ignore-scripts', '--no-save', '--no-audit', '--no-fund']
  const run = spawnSync('npm', ['install', ...flags, ...packages], {
    cwd: folder,
    encoding: 'utf8',
    timeout: INSTALL_TIMEOUT_MS,
  })
  if (missing().length === 0) return
  const why = `${run.stdout ?? ''}${run.stderr ?? ''}${run.error ?? ''}`
  console.warn(`ensure-runtimes: the tests of ${missing().join(', ')} are SKIPPED: ${why}`)
}

/** The path of a program that runs here; null where it is not installed. */
export function pathOf(name: Tool): string | null {
  // More than one where a package has builds for other processors or C libraries.
  const paths = globSync(join(folder, 'node_modules', tools[name].program))
  return paths.find(prints) ?? null
}

function missing(): Tool[] {
  return names.filter((name) => pathOf(name) === null)
}

function prints(path: string): boolean {
  return spawnSync(path, ['--version'], { timeout: VERSION_MS }).status === 0
}
