/** A wall clock for a redis-server that runs ahead or behind, and can be moved while the server runs. */
import { spawnSync } from 'node:child_process'
import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { makeTemporaryDirectory } from './reaper.ts'

const SOURCE = join(import.meta.dirname, 'clock-shim.c')
const COMPILE_MS = 60_000

let library: string | null = null

/** The offset lives in a file that the server has mapped into its memory. */
export class SkewedClock {
  readonly env: Readonly<Record<string, string>>
  readonly #file: number

  constructor(directory: string) {
    const path = join(directory, 'clock-offset')
    this.#file = openSync(path, 'w')
    this.skew(0)
    this.env = { LD_PRELOAD: clockShim(), HEADGATE_CLOCK_OFFSET: path }
  }

  /** Sets, not adds: 3_600_000 is an hour ahead of this machine, 0 is right again. */
  skew(ms: number): void {
    const bytes = Buffer.alloc(8)
    bytes.writeBigInt64LE(BigInt(Math.round(ms * 1000)))
    writeSync(this.#file, bytes, 0, bytes.length, 0)
  }

  close(): void {
    closeSync(this.#file)
  }
}

/** The path of the compiled shim; compiled once a process. */
export function clockShim(): string {
  if (library !== null) return library
  const path = join(makeTemporaryDirectory('shim'), 'clock-shim.so')
  const args = ['-shared', '-fPIC', '-O2', '-Wall', '-o', path, SOURCE]
  const run = spawnSync('gcc', args, { encoding: 'utf8', timeout: COMPILE_MS })
  if (run.status !== 0) throw new Error(`gcc cannot compile ${SOURCE}: ${run.error?.message ?? run.stderr}`)
  library = path
  return path
}
