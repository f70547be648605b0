/** Makes sure that the long tests have Bun, Deno and workerd. Where they cannot be installed it says so, and those tests are skipped. */
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { folderApart, installApart } from './install-apart.ts'

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
const folder = folderApart(`headgate-runtimes/${packages.join('_')}`)
const VERSION_MS = 30_000

if (import.meta.main) ensureRuntimes()

/** Installs those that are missing. */
export function ensureRuntimes(): void {
  if (missing().length === 0) return
  console.log(`${missing().join(', ')} not found: installing with npm into ${folder}`)
  const said = installApart(folder, packages)
  if (missing().length === 0) return
  console.warn(`ensure-runtimes: the tests of ${missing().join(', ')} are SKIPPED: ${said}`)
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
