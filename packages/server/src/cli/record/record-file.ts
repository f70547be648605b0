import { createWriteStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { wrongUsage } from '../../service/describe-failure.ts'

/** It says who did what: nobody else is to read it. */
const MODE = 0o600

/** Opens a file for a log, where none is; answers what writes the log to its end, compressed where the name ends in `.gz`. */
export async function createRecordFile(
  path: string,
): Promise<(text: AsyncIterable<string>) => Promise<void>> {
  const handle = await open(path, 'wx', MODE).catch((reason: NodeJS.ErrnoException) => {
    const { code = 'unknown error' } = reason
    if (code === 'EEXIST')
      throw wrongUsage(`${path} is there already; give --out another name, or move it away`)
    throw wrongUsage(`${path} cannot be written (${code}); give --out a file in a folder that can`)
  })
  return (text) => {
    const file = createWriteStream(path, { fd: handle })
    const source = Readable.from(text)
    return path.endsWith('.gz') ? pipeline(source, createGzip(), file) : pipeline(source, file)
  }
}
