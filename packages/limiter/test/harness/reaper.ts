/**
 * Cleans up after the test process, however that ends: a shell that waits until our end of its pipe closes, which
 * the kernel sees to even after SIGKILL. A handler of the `exit` event would not run then.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

// A line that was cut off by our death has no newline: `read` fails on it and the line before it counts.
const SHELL = 'last=; while IFS= read -r line; do last=$line; done; eval "$last"'

const processes = new Set<number>()
const mounts = new Set<string>()
const directories = new Set<string>()
let shell: ChildProcess | null = null

/** Kills the process when the test process is gone; call `release` once it has ended. */
export function reap(child: ChildProcess): void {
  const pid = child.pid
  if (pid === undefined) return
  processes.add(pid)
  child.once('exit', () => {
    processes.delete(pid)
    publish()
  })
  publish()
}

/** Unmounts the folder when the test process is gone. */
export function reapMount(path: string): void {
  mounts.add(path)
  publish()
}

/** Takes back `reapMount`. */
export function forgetMount(path: string): void {
  mounts.delete(path)
  publish()
}

/** A folder of its own under the system's temporary one; gone when removed, or with the test process. */
export function makeTemporaryDirectory(purpose: string): string {
  const path = mkdtempSync(join(tmpdir(), `headgate-${purpose}-`))
  directories.add(path)
  publish()
  return path
}

export function removeTemporaryDirectory(path: string): void {
  rmSync(path, { recursive: true, force: true })
  directories.delete(path)
  publish()
}

function publish(): void {
  shell ??= startShell()
  const steps = [
    ...[...processes].map((pid) => `kill -9 ${pid}`),
    ...[...mounts].map((path) => `umount -l ${quoted(path)}`),
    ...[...directories].map((path) => `rm -rf ${quoted(path)}`),
  ]
  shell.stdin?.write(`${steps.join('; ')}\n`)
}

function startShell(): ChildProcess {
  // Detached: an interrupt from the keyboard goes to the whole group and must not end the reaper first.
  const child = spawn('sh', ['-c', SHELL], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  child.unref()
  const pipe = child.stdin as typeof child.stdin & { unref(): void }
  pipe.unref()
  return child
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
