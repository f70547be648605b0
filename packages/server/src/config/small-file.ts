import { readFileSync, statSync } from 'node:fs'

const BYTES_MAX = 64 * 1024

/** What is wrong with a file that {@link readSmallFile} does not read. */
export const UNREADABLE = 'cannot be read as a file of up to 64 KiB; check its path and permissions'

/** The bytes of a file with a key or a secret; null where it is no regular file of up to 64 KiB, or `bytesMax`, or cannot be read. */
export function readSmallFile(file: string, bytesMax: number = BYTES_MAX): Buffer | null {
  try {
    const stats = statSync(file)
    // Opening a pipe would wait for somebody to write, and a device has no end.
    return stats.isFile() && stats.size <= bytesMax ? readFileSync(file) : null
  } catch {
    return null
  }
}
