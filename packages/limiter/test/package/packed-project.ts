/** An empty project in which nothing but the packed library is installed. */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const source = join(import.meta.dirname, '../..')
const workspaces = [source, join(source, '../..')]

export class PackedProject implements Disposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'headgate-pack-'))

  constructor() {
    const packed = this.run('npm', ['pack', source, '--json', '--ignore-scripts'])
    const tarball = readdirSync(this.folder).find((name) => name.endsWith('.tgz'))
    if (!tarball) throw new Error(`npm pack wrote no tarball: ${packed}`)
    writeFileSync(join(this.folder, 'package.json'), '{ "private": true, "type": "module" }')
    const flags = ['--offline', '--no-audit', '--no-fund', '--legacy-peer-deps']
    this.run('npm', ['install', ...flags, `./${tarball}`])
  }

  /** Runs a program in it; throws what it printed where that fails. Returns what it printed. */
  run(command: string, args: readonly string[]): string {
    const { status, stdout, stderr, error } = this.#spawn(command, args)
    if (status === 0) return stdout
    throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`, { cause: error })
  }

  /** What a program prints, whether it fails or not. */
  output(command: string, args: readonly string[]): string {
    const { error, stdout } = this.#spawn(command, args)
    if (error !== undefined) throw error
    return stdout
  }

  /** Links a package of the workspace, or all of a scope, where it is installed. */
  link(name: string): void {
    const found = workspaces
      .map((folder) => join(folder, 'node_modules', name))
      .find((path) => existsSync(path))
    if (found === undefined) return
    const path = join(this.folder, 'node_modules', name)
    mkdirSync(dirname(path), { recursive: true })
    symlinkSync(found, path, 'dir')
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  #spawn(command: string, args: readonly string[]): SpawnSyncReturns<string> {
    return spawnSync(command, args, { cwd: this.folder, encoding: 'utf8' })
  }
}
