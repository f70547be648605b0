/** A disk that can be full: a small tmpfs. */
import { spawnSync } from 'node:child_process'
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { forgetMount, makeTemporaryDirectory, reapMount, removeTemporaryDirectory } from './reaper.ts'

const SIZE = '8m'
const MOUNT_MS = 10_000
// Coarse first, for speed; then by the page, which is how a tmpfs counts.
const PIECES = [1 << 20, 1 << 12]

/** Mounted on construction; throws with what `mount` said when this user may not. */
export class SmallDisk {
  readonly path: string = makeTemporaryDirectory('disk')
  readonly #filler = join(this.path, 'filler')

  constructor() {
    const refusal = run('mount', ['-t', 'tmpfs', '-o', `size=${SIZE}`, 'headgate', this.path])
    if (refusal !== null) {
      removeTemporaryDirectory(this.path)
      throw new Error(`A tmpfs cannot be mounted: ${refusal}`)
    }
    reapMount(this.path)
  }

  /** Leaves no page free. */
  fill(): void {
    const file = openSync(this.#filler, 'a')
    try {
      for (const size of PIECES) fillWith(file, Buffer.alloc(size))
    } finally {
      closeSync(file)
    }
  }

  free(): void {
    rmSync(this.#filler, { force: true })
  }

  unmount(): void {
    const refusal = run('umount', ['-l', this.path])
    if (refusal !== null) throw new Error(`${this.path} cannot be unmounted: ${refusal}`)
    forgetMount(this.path)
    removeTemporaryDirectory(this.path)
  }
}

/** Why this user cannot have a small disk; null when he can. */
export function smallDiskRefusal(): string | null {
  try {
    new SmallDisk().unmount()
    return null
  } catch (error) {
    return String(error instanceof Error ? error.message : error)
  }
}

function fillWith(file: number, piece: Buffer): void {
  try {
    for (;;) writeSync(file, piece)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  }
}

function run(command: string, args: readonly string[]): string | null {
  const done = spawnSync(command, args, { encoding: 'utf8', timeout: MOUNT_MS })
  if (done.status === 0) return null
  // What follows the first line points to the log of the kernel.
  return done.stderr?.split('\n')[0] || done.error?.message || `${command} ended with code ${done.status}`
}
