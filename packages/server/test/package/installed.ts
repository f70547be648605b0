/** A folder as a user has it: the packed packages are installed in it, and nothing of the work tree can be reached. */
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { root } from '../../../limiter/test/docs/documents.ts'

const PACKAGES = ['packages/limiter', 'packages/server']

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>
  /** Those of the library are what pages import besides. */
  readonly devDependencies: Readonly<Record<string, string>>
}
export class Installed implements Disposable {
  readonly folder: string

  private constructor(folder: string) {
    this.folder = folder
  }

  /** Packs and installs them; packages of others are linked to those of the work tree, so that no registry is asked. */
  static async create(): Promise<Installed> {
    const installed = new Installed(mkdtempSync(join(tmpdir(), 'headgate-installed-')))
    const { folder } = installed
    try {
      const npm = (...args: string[]): Promise<unknown> => promisify(execFile)('npm', args, { cwd: folder })
      await npm('pack', '--ignore-scripts', ...PACKAGES.map((path) => join(root, path)))
      const dependencies = { ...packed(folder), ...linked() }
      writeFileSync(
        join(folder, 'package.json'),
        JSON.stringify({ private: true, type: 'module', dependencies }),
      )
      await npm('install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund')
      return installed
    } catch (reason) {
      installed[Symbol.dispose]()
      throw reason
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

function packed(folder: string): Record<string, string> {
  const names = readdirSync(folder).filter((name) => name.endsWith('.tgz'))
  return Object.fromEntries(names.map((name) => [name.replace(/-\d.*$/, ''), `file:${join(folder, name)}`]))
}

function linked(): Record<string, string> {
  const peers = Object.keys(manifestOf('packages/limiter').devDependencies).filter(
    (name) => !/^@types/.test(name),
  )
  const names = [...Object.keys(manifestOf('packages/server').dependencies), ...peers]
  const others = names.filter((name) => name !== 'headgate')
  return Object.fromEntries(others.map((name) => [name, `file:${folderOf(name)}`]))
}

function manifestOf(path: string): Manifest {
  return JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8')) as Manifest
}

function folderOf(name: string): string {
  const folders = ['packages/server/node_modules', 'node_modules'].map((path) => join(root, path, name))
  const found = folders.find((path) => existsSync(path))
  if (found === undefined) throw new Error(`${name} is not installed; run npm ci`)
  return found
}
