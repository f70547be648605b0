/** What the long tests need of a machine besides redis-server, checked in one place. */
import { spawnSync } from 'node:child_process'
import type { TestContext } from 'vitest'
import { redisBinary, speaksTls } from './redis-binary.ts'
import { clockShim } from './skewed-clock.ts'
import { smallDiskRefusal } from './small-disk.ts'

const VERSION_MS = 10_000

let refusal: string | null | undefined

/** Throws with one sentence for each program that is missing; warns where tests of a full disk will be skipped. */
export function checkPrerequisites(): void {
  const problems = [compilerProblem(), opensslProblem()].filter((problem) => problem !== null)
  if (problems.length > 0) throw new Error(`The long tests cannot run here:\n${problems.join('\n')}`)
  const disk = tmpfsProblem()
  if (disk !== null) console.warn(disk)
}

/** Skips a test that wants `smallDisk` where this user may not have one, and says so. */
export function skipWithoutTmpfs({ skip }: Pick<TestContext, 'skip'>): void {
  const problem = tmpfsProblem()
  if (problem === null) return
  console.warn(problem)
  skip(problem)
}

/** Skips a test that wants `tls` where the server was built without it, and says so. */
export function skipWithoutTls(test: Pick<TestContext, 'skip'>): void {
  if (!speaksTls()) skipLoudly(test, `${redisBinary()} was built without TLS`)
}

function skipLoudly({ skip }: Pick<TestContext, 'skip'>, reason: string): void {
  console.warn(`SKIPPED, ${reason}.`)
  skip(reason)
}

function tmpfsProblem(): string | null {
  if (refusal === undefined) refusal = smallDiskRefusal()
  if (refusal === null) return null
  return `SKIPPED, tests of a full disk (${refusal}): run them as root, in a container with --cap-add SYS_ADMIN.`
}

function compilerProblem(): string | null {
  try {
    clockShim()
    return null
  } catch (error) {
    return `gcc does not compile the clock of the tests: install gcc and libc6-dev (${String(error)}).`
  }
}

function opensslProblem(): string | null {
  const run = spawnSync('openssl', ['version'], { encoding: 'utf8', timeout: VERSION_MS })
  return run.status === 0
    ? null
    : 'openssl is not on PATH, and makes the certificates of the tests: install openssl.'
}
