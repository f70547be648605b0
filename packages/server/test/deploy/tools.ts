/** The checkers of files of deployments, run. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type DeployTool, deployTool } from '../../../../scripts/ensure-deploy-tools.ts'
import { root } from '../../../limiter/test/docs/documents.ts'

const TIMEOUT_MS = 60_000

export interface Checked {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Why tests with these are left out, said aloud; false where all are there. */
export function lacks(...names: readonly DeployTool[]): boolean {
  const missing = names.filter((name) => deployTool(name) === null)
  if (missing.length > 0) {
    console.warn(
      `SKIPPED, there is no ${missing.join(' and ')}: node scripts/ensure-deploy-tools.ts says why`,
    )
  }
  return missing.length > 0
}

/** How a command is run. */
export interface RunOptions {
  /** @default nothing */
  readonly input?: string
  /** A folder of the repository. @default its root */
  readonly folder?: string
}

/** Runs a checker. */
export function runTool(name: DeployTool, args: readonly string[], options: RunOptions = {}): Checked {
  return runCommand(String(deployTool(name)), args, options)
}

/** Runs a command. */
export function runCommand(
  command: string,
  args: readonly string[],
  { input = '', folder = '' }: RunOptions = {},
): Checked {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: join(root, folder),
    encoding: 'utf8',
    input,
    timeout: TIMEOUT_MS,
  })
  return { status, stdout: stdout ?? '', stderr: `${stderr ?? ''}${error ?? ''}` }
}

/** A file of the repository. */
export function fileText(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}
