import { type FileHandle, open } from 'node:fs/promises'
import { HeadgateError } from 'headgate'

/** Largest configuration file: many thousand policies fit, a wrong file does not. */
const SIZE_MAX = 1_048_576

/** Reads a configuration file as UTF-8 text, never more of it than the limit. */
export async function readText(file: string): Promise<string> {
  const bytes = await readBytes(file)
  try {
    // The byte order mark is kept, so that the parser can name it.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw refuse(file, 'is not UTF-8 text; save it as UTF-8')
  }
}

async function readBytes(file: string): Promise<Uint8Array> {
  let handle: FileHandle | undefined
  try {
    handle = await open(file)
    if ((await handle.stat()).isDirectory()) throw refuse(file, 'is a folder; name the file in it')
    return await readUpTo(handle, file)
  } catch (reason) {
    if (HeadgateError.is(reason)) throw reason
    throw refuse(file, describe(reason), reason)
  } finally {
    await handle?.close()
  }
}

// The size is counted while reading: pipes and devices do not tell it beforehand.
async function readUpTo(handle: FileHandle, file: string): Promise<Uint8Array> {
  const buffer = new Uint8Array(SIZE_MAX + 1)
  let length = 0
  while (length < buffer.length) {
    const { bytesRead } = await handle.read(buffer, length, buffer.length - length, null)
    if (bytesRead === 0) return buffer.subarray(0, length)
    length += bytesRead
  }
  throw refuse(file, 'is larger than 1 MiB; is it the right file?')
}

function describe(reason: unknown): string {
  const code = (reason as NodeJS.ErrnoException).code
  if (code === 'ENOENT') return 'does not exist; check --config'
  if (code === 'EACCES' || code === 'EPERM') return 'may not be read by this user'
  return `cannot be read (${code ?? 'unknown error'})`
}

function refuse(file: string, why: string, cause?: unknown): HeadgateError {
  return new HeadgateError('invalid-config', `${file} ${why}`, { cause })
}
