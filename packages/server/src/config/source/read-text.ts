import { type FileHandle, open } from 'node:fs/promises'
import { HeadgateError } from 'headgate'

/** What a file may be. */
export interface ReadLimits {
  readonly maxBytes: number
  /** That, in words. */
  readonly size: string
  /** What to do where it is not there. */
  readonly ifMissing: string
}

/** Many thousand policies fit, a wrong file does not. */
const OF_CONFIG: ReadLimits = { maxBytes: 1_048_576, size: '1 MiB', ifMissing: 'check --config' }

/** Reads a file as UTF-8 text, never more of it than the limit: that of a configuration, or another. */
export async function readText(file: string, limits: ReadLimits = OF_CONFIG): Promise<string> {
  const bytes = await readBytes(file, limits)
  try {
    // The byte order mark is kept, so that the parser can name it.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw refuse(file, 'is not UTF-8 text; save it as UTF-8')
  }
}

async function readBytes(file: string, limits: ReadLimits): Promise<Uint8Array> {
  let handle: FileHandle | undefined
  try {
    handle = await open(file)
    if ((await handle.stat()).isDirectory()) throw refuse(file, 'is a folder; name the file in it')
    return await readUpTo(handle, file, limits)
  } catch (reason) {
    if (HeadgateError.is(reason)) throw reason
    throw refuse(file, describe(reason, limits), reason)
  } finally {
    await handle?.close()
  }
}

// The size is counted while reading: pipes and devices do not tell it beforehand.
async function readUpTo(
  handle: FileHandle,
  file: string,
  { maxBytes, size }: ReadLimits,
): Promise<Uint8Array> {
  const buffer = new Uint8Array(maxBytes + 1)
  let length = 0
  while (length < buffer.length) {
    const { bytesRead } = await handle.read(buffer, length, buffer.length - length, null)
    if (bytesRead === 0) return buffer.subarray(0, length)
    length += bytesRead
  }
  throw refuse(file, `is larger than ${size}; is it the right file?`)
}

function describe(reason: unknown, { ifMissing }: ReadLimits): string {
  const code = (reason as NodeJS.ErrnoException).code
  if (code === 'ENOENT') return `does not exist; ${ifMissing}`
  if (code === 'EACCES' || code === 'EPERM') return 'may not be read by this user'
  return `cannot be read (${code ?? 'unknown error'})`
}

function refuse(file: string, why: string, cause?: unknown): HeadgateError {
  return new HeadgateError('invalid-config', `${file} ${why}`, { cause })
}
