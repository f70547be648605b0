/** An empty project in which nothing but the packed library is installed. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const source = join(import.meta.dirname, '../..')
const modules = join(source, '../../node_modules')

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

  /** Runs a program in it; throws where that fails. Returns what it printed. */
  run(command: string, args: readonly string[]): string {
    return execFileSync(command, args, {
      cwd: this.folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  }

  /** Adds a package of the workspace, as a copy: by a link it would reach those around it. */
  add(name: string): void {
    cpSync(join(modules, name), join(this.folder, 'node_modules', name), { recursive: true })
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
