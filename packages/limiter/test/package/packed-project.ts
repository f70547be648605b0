/** An empty project in which nothing but the packed library is installed. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

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

  /** Adds a package of the workspace: as a copy, which reaches nothing else, or as a link. */
  add(name: string, how: 'copy' | 'link'): void {
    const path = join(this.folder, 'node_modules', name)
    mkdirSync(dirname(path), { recursive: true })
    if (how === 'link') symlinkSync(join(modules, name), path, 'dir')
    else cpSync(join(modules, name), path, { recursive: true })
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
