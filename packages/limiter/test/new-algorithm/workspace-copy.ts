import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { makeTemporaryDirectory, removeTemporaryDirectory } from '../harness/reaper.ts'

const root = resolve(import.meta.dirname, '../../../..')
const library = 'packages/limiter'
const copied = [
  'package.json',
  'scripts',
  `${library}/package.json`,
  `${library}/src`,
  ...['oracle', 'parity', 'generated', 'new-algorithm', 'redis-subject.ts'].map(
    (name) => `${library}/test/${name}`,
  ),
]
const runTimeoutMs = 60_000

/** The sources of the library in a temporary folder, to be changed there. */
export class WorkspaceCopy implements Disposable {
  readonly #path = makeTemporaryDirectory('copy')

  constructor() {
    for (const path of copied) cpSync(join(root, path), join(this.#path, path), { recursive: true })
    symlinkSync(join(root, 'node_modules'), join(this.#path, 'node_modules'))
  }

  /** Puts a file of `fixtures/` into the library. */
  add(fixture: string, path: string): void {
    const target = join(this.#path, library, path)
    mkdirSync(join(target, '..'), { recursive: true })
    cpSync(join(import.meta.dirname, 'fixtures', fixture), target)
  }

  /** Replaces the one place of a text in a file of the library; a text that is not there fails. */
  edit(path: string, before: string, after: string): void {
    const file = join(this.#path, library, path)
    const text = readFileSync(file, 'utf8')
    if (text.split(before).length !== 2) throw new Error(`${path} does not hold '${before}' once`)
    writeFileSync(
      file,
      text.replace(before, () => after),
    )
  }

  /** Runs a script of the copy in it; answers what it prints, with its errors if it fails. */
  run(script: string, ...args: readonly string[]): string {
    const options = { cwd: this.#path, encoding: 'utf8', timeout: runTimeoutMs } as const
    const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], options)
    return status === 0 ? stdout.trim() : `failed: ${stdout}${stderr}`
  }

  [Symbol.dispose](): void {
    removeTemporaryDirectory(this.#path)
  }
}
