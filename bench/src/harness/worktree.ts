import { spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import {
  makeTemporaryDirectory,
  removeTemporaryDirectory,
} from '../../../packages/limiter/test/harness/reaper.ts'

/** The workspace this bench belongs to. */
export const ownTree: string = resolve(import.meta.dirname, '../../..')

/** A commit in a folder of its own, its library built. */
export interface Worktree extends Disposable {
  readonly path: string
  /** Short hash of the commit. */
  readonly commit: string
  /** What may make the comparison unfair, for people. */
  readonly warnings: readonly string[]
}

/** Checks a commit out under the temporary folder, shares our packages of npm with it and builds its library. */
export function checkOut(ref: string): Worktree {
  const commit = run(
    'git',
    ['rev-parse', '--short', '--verify', '--end-of-options', `${ref}^{commit}`],
    ownTree,
  )
  // What is left of runs that were killed.
  run('git', ['worktree', 'prune'], ownTree)
  const path = makeTemporaryDirectory('against')
  const dispose = (): void => {
    spawnSync('git', ['worktree', 'remove', '--force', path], { cwd: ownTree })
    removeTemporaryDirectory(path)
  }
  try {
    run('git', ['worktree', 'add', '--quiet', '--detach', path, commit], ownTree)
    sharePackages(path)
    run(join(ownTree, 'node_modules/.bin/tsc'), ['-b', 'packages/limiter'], path)
  } catch (error) {
    dispose()
    throw error
  }
  return { path, commit, warnings: warningsOf(path, commit), [Symbol.dispose]: dispose }
}

/** All packages of npm are ours; those of the workspace are the commit's own. */
function sharePackages(path: string): void {
  const own = new Map(
    globSync('packages/*/package.json', { cwd: path }).map((file) => [
      nameIn(join(path, file)),
      dirname(file),
    ]),
  )
  const from = join(ownTree, 'node_modules')
  const to = join(path, 'node_modules')
  mkdirSync(to)
  const ours = readdirSync(from).filter((entry) => entry === '.bin' || !entry.startsWith('.'))
  for (const entry of ours) {
    if (!isWorkspace(join(from, entry))) symlinkSync(join(from, entry), join(to, entry))
  }
  for (const [name, folder] of own) symlinkSync(join(path, folder), join(to, name))
}

function isWorkspace(folder: string): boolean {
  const file = join(folder, 'package.json')
  return existsSync(file) && nameIn(file).startsWith('headgate')
}

function nameIn(file: string): string {
  return (JSON.parse(readFileSync(file, 'utf8')) as { name: string }).name
}

function warningsOf(path: string, commit: string): string[] {
  const differs = (file: string): boolean =>
    readFileSync(join(path, file), 'utf8') !== readFileSync(join(ownTree, file), 'utf8')
  return differs('package-lock.json')
    ? [`package-lock.json of ${commit} differs from ours: it is built and run with our packages`]
    : []
}

function run(command: string, args: readonly string[], cwd: string): string {
  const { error, status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  if (error === undefined && status === 0) return stdout.trim()
  throw new Error(`${command} ${args.join(' ')} failed: ${error?.message ?? `${stdout}${stderr}`.trim()}`)
}
