/** Packages that are too large for the workspace: they lie in folders of their own, which only the long tests need. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const INSTALL_TIMEOUT_MS = 300_000

/** The folder of packages that are installed together. */
export function folderApart(name: string): string {
  return resolve(import.meta.dirname, '../node_modules/.cache', name)
}

/** Installs packages such as `bun@1.4.5` into a folder; returns what npm said. */
export function installApart(folder: string, packages: readonly string[]): string {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "private": true }')
  const flags = ['--ignore-scripts', '--no-save', '--no-audit', '--no-fund']
  const run = spawnSync('npm', ['install', ...flags, ...packages], {
    cwd: folder,
    encoding: 'utf8',
    timeout: INSTALL_TIMEOUT_MS,
  })
  return `${run.stdout ?? ''}${run.stderr ?? ''}${run.error ?? ''}`
}
