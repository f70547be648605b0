import { randomBytes } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { HeadgateError, type MemoryStore, memoryStore } from 'headgate'
import { wrongUsage } from '../service/describe-failure.ts'

/** More than a store of this service can have: 1 M keys with a sliding window each are a quarter of it. */
const BYTES_MAX = 2 ** 30

/** A file in which the state of a store in memory outlives a planned restart. */
export interface SnapshotFile {
  readonly path: string
  /** Told why the store begins empty, where it does although there is a file. */
  readonly warn: (message: string) => void
}

/** A store with the state in a file; an empty one where there is no file, or none that can be used, which is a warning. */
export function storeFromFile({ path, warn }: SnapshotFile): MemoryStore {
  checkFolder(path)
  try {
    const snapshot = readBounded(path)
    return snapshot === null ? memoryStore() : memoryStore({ snapshot })
  } catch (reason) {
    warn(`${path} is not used, and state begins empty: ${HeadgateError.from(reason).message}`)
    return memoryStore()
  }
}

/** Puts the state of a store into a file that its owner alone can read; it is there as a whole, or as it was before. */
export function storeToFile(store: MemoryStore, path: string): void {
  const draft = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    // Nobody else can have made it, so what is written goes nowhere else.
    const file = openSync(draft, 'wx', 0o600)
    try {
      writeAll(file, store.snapshot())
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(draft, path)
  } catch (cause) {
    rmSync(draft, { force: true })
    throw new Error(
      `cannot write ${path} (${codeOf(cause)}): what was spent is forgotten at the next start`,
      { cause },
    )
  }
}

/** Found out at the start, and not at the end, where all would be lost. */
function checkFolder(path: string): void {
  const folder = statSync(dirname(path), { throwIfNoEntry: false })
  if (folder?.isDirectory()) return
  throw wrongUsage(`there is no folder ${dirname(path)}; make it, or give --snapshot another file`)
}

function readBounded(path: string): Uint8Array | null {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return null
  if (!stat.isFile()) throw new Error('it is no file')
  if (stat.size > BYTES_MAX) throw new Error(`it is larger than ${BYTES_MAX} bytes`)
  try {
    return readFileSync(path)
  } catch (cause) {
    throw new Error(`it cannot be read (${codeOf(cause)})`, { cause })
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done)
}

function codeOf(reason: unknown): string {
  return String((reason as NodeJS.ErrnoException).code ?? reason)
}
