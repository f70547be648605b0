/** The service of the commit before this one, built from the history of this clone. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { borrowDependencies, hasSameDependencies } from './borrow-dependencies.ts'

const root = resolve(import.meta.dirname, '../../../..')
const cache = join(root, 'node_modules/.cache/headgate-previous')
const MAIN = 'packages/server/dist/cli/main.js'
/** Whoever goes back and forth between commits does not build each time. */
const BUILDS_KEPT = 3
const STEP_MS = 300_000

export interface PreviousBuild {
  /** Its commit, shortened. */
  readonly commit: string
  /** Its `main.js`. */
  readonly binary: string
}

/**
 * Builds it, or takes it from an earlier run. It is the last commit where the working tree has changes, else the one
 * before that, so that a clean clone compares what a push changes; `HEADGATE_PREVIOUS` names another, such as the tag
 * of a release. Where there is none, as in a shallow clone, the answer is a sentence that says what to do.
 */
export function previousBuild(): PreviousBuild | string {
  const wanted = process.env['HEADGATE_PREVIOUS'] || usualCommit()
  const found = attempt('git', ['rev-parse', '--verify', '--quiet', `${wanted}^{commit}`])
  if (found === null)
    return `this clone has no commit ${wanted}; fetch more history, as by git fetch --deepen=1`
  const commit = found.slice(0, 12)
  const folder = join(cache, commit)
  if (!existsSync(join(folder, MAIN))) build(found, folder)
  return { commit, binary: join(folder, MAIN) }
}

function usualCommit(): string {
  return attempt('git', ['status', '--porcelain']) === '' ? 'HEAD~1' : 'HEAD'
}

/** It gets its name once it is whole. */
function build(commit: string, folder: string): void {
  mkdirSync(cache, { recursive: true })
  forgetOld()
  const unfinished = mkdtempSync(join(cache, 'unfinished-'))
  try {
    const archive = join(unfinished, 'source.tar')
    run('git', ['archive', '--output', archive, commit], root)
    run('tar', ['-xf', archive], unfinished)
    rmSync(archive)
    if (hasSameDependencies(unfinished)) borrowDependencies(unfinished)
    else run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], unfinished)
    const compiler = join(unfinished, 'node_modules/typescript/bin/tsc')
    run(process.execPath, [compiler, '-b', 'packages/server'], unfinished)
    // Another run may have been faster.
    if (!existsSync(folder)) renameSync(unfinished, folder)
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
}

function forgetOld(): void {
  const changed = (name: string): number => statSync(join(cache, name)).mtimeMs
  const builds = readdirSync(cache).filter((name) => !name.startsWith('unfinished-'))
  const newestFirst = builds.sort((a, b) => changed(b) - changed(a))
  for (const name of newestFirst.slice(BUILDS_KEPT - 1)) rmSync(join(cache, name), { recursive: true })
}

/** What a command prints; null where it fails. */
function attempt(command: string, args: readonly string[]): string | null {
  const { status, stdout } = spawnSync(command, args, { cwd: root, encoding: 'utf8' })
  return status === 0 ? stdout.trim() : null
}

function run(command: string, args: readonly string[], cwd: string): void {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    timeout: STEP_MS,
  })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${error ?? ''}${stdout}${stderr}`)
}
