/** An example as a user has it: in a folder of its own, with the packed library and what its manifest names. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { root } from '../docs/documents.ts'

interface Manifest {
  readonly scripts: { readonly start?: string }
  dependencies: Record<string, string>
}

const PRINT_PORT = join(import.meta.dirname, 'fixtures/print-port.ts')

/** Packs the library into `folder`; returns the tarball. */
export async function packLibrary(folder: string): Promise<string> {
  const args = ['pack', '--ignore-scripts', '--json', join(root, 'packages/limiter')]
  const { stdout } = await promisify(execFile)('npm', args, { cwd: folder })
  const [packed] = JSON.parse(stdout) as [{ filename: string }]
  return join(folder, packed.filename)
}

export class InstalledExample implements AsyncDisposable {
  readonly #folder: string
  readonly #manifest: Manifest
  #child: ChildProcess | null = null

  private constructor(folder: string, manifest: Manifest) {
    this.#folder = folder
    this.#manifest = manifest
  }

  /** Copies and installs it; packages of others are linked to those of the work tree, so that no registry is asked. */
  static async create(name: string, tarball: string): Promise<InstalledExample> {
    const folder = mkdtempSync(join(tmpdir(), `headgate-example-${name}-`))
    cpSync(join(root, 'examples', name), folder, { recursive: true })
    const path = join(folder, 'package.json')
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as Manifest
    for (const name of Object.keys(manifest.dependencies)) {
      manifest.dependencies[name] = `file:${name === 'headgate' ? tarball : folderOf(name)}`
    }
    writeFileSync(path, JSON.stringify(manifest))
    const example = new InstalledExample(folder, manifest)
    await example.npm('install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund')
    return example
  }

  /** Runs npm in it; rejects with what it printed where that fails. */
  async npm(...args: readonly string[]): Promise<void> {
    // Tests of an example run under no options of these tests.
    const { NODE_OPTIONS: _, NODE_TEST_CONTEXT: __, ...env } = process.env
    await promisify(execFile)('npm', args, { cwd: this.#folder, env })
  }

  /** Starts it, with more variables; returns its URL once it listens. */
  async start(env: Readonly<Record<string, string>>): Promise<string> {
    const { start = '' } = this.#manifest.scripts
    const child = spawn('sh', ['-c', start.replace(/(?:^|&& )(?=[^&]+$)/, '$&exec ')], {
      cwd: this.#folder,
      env: { ...process.env, PATH: this.#path, NODE_OPTIONS: `--import=${PRINT_PORT}`, PORT: '0', ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#child = child
    for await (const line of createInterface({ input: child.stdout })) {
      const [, port] = /^listening on (\d+)$/.exec(line) ?? []
      if (port !== undefined) return `http://localhost:${port}`
    }
    throw new Error('it ended before it listened')
  }

  /** As npm has it for scripts. */
  get #path(): string {
    return `${join(this.#folder, 'node_modules/.bin')}${delimiter}${process.env['PATH']}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child !== null && this.#child.exitCode === null) {
      this.#child.kill('SIGKILL')
      await once(this.#child, 'close')
    }
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

function folderOf(name: string): string {
  const folder = join(root, 'node_modules', name)
  if (!existsSync(folder)) throw new Error(`${name} is not installed; run npm ci`)
  return folder
}
