import { createReadStream, statSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { describeFailure, wrongUsage } from '../../service/describe-failure.ts'

/** A log that is open, compressed or not. */
export interface OpenLog {
  /** As it was given. */
  readonly name: string
  /** Its size as it lies there; null where that is not known. */
  readonly size: number | null
  /** How much of it was read, as it lies there. */
  readonly bytesRead: () => number
  /** Whether it is compressed, and its end was not there, as where it is still being written; known when it is read. */
  readonly isCutOff: () => boolean
  /** What is in it; to be read once. */
  readonly chunks: AsyncIterableIterator<Buffer>
  close(): void
}

/** Stands for standard input. */
export const STDIN = '-'

const CHUNK_BYTES = 256 * 1024
/** The code of an end that came too early. */
const CUT_OFF = 'Z_BUF_ERROR'
const GZIP = Buffer.from([0x1f, 0x8b])

/** Opens a log; one that is compressed by gzip is known by its first bytes. Throws what names the file where it cannot be read. */
export async function openLog(name: string): Promise<OpenLog> {
  const size = name === STDIN ? null : sizeOf(name)
  const source = name === STDIN ? process.stdin : createReadStream(name, { highWaterMark: CHUNK_BYTES })
  let bytesRead = 0
  source.on('data', (chunk: Buffer) => {
    bytesRead += chunk.length
  })
  source.pause()
  let isCutOff = false
  const onCutOff = (): void => {
    isCutOff = true
  }
  return {
    name,
    size,
    bytesRead: () => bytesRead,
    isCutOff: () => isCutOff,
    chunks: contentOf(source, { name, onCutOff }),
    close: () => source.destroy(),
  }
}

function sizeOf(name: string): number | null {
  try {
    const found = statSync(name)
    if (found.isDirectory()) throw wrongUsage(`${name} is a folder; name the logs in it`)
    // A pipe has no size.
    return found.isFile() ? found.size : null
  } catch (reason) {
    const { code } = reason as NodeJS.ErrnoException
    if (code === undefined || !code.startsWith('E')) throw reason
    throw wrongUsage(`${name} cannot be read (${code})`)
  }
}

interface ContentOf {
  readonly name: string
  readonly onCutOff: () => void
}

async function* contentOf(source: Readable, { name, onCutOff }: ContentOf): AsyncIterableIterator<Buffer> {
  try {
    const [first, rest] = await begun(source)
    if (first === null) return
    if (!first.subarray(0, 2).equals(GZIP)) {
      yield first
      yield* rest
      return
    }
    yield* unzipped(first, rest)
  } catch (reason) {
    const { code, message } = reason as NodeJS.ErrnoException
    if (code === CUT_OFF) {
      onCutOff()
      return
    }
    if (code === undefined) throw describeFailure(reason).error
    throw wrongUsage(
      `${name} cannot be read to its end (${code}: ${message}); what was played before is lost`,
    )
  }
}

/** At least two bytes, which tell what it is, and the rest. */
async function begun(source: Readable): Promise<[Buffer | null, AsyncIterableIterator<Buffer>]> {
  const iterator = source[Symbol.asyncIterator]() as AsyncIterableIterator<Buffer>
  let first = Buffer.alloc(0)
  while (first.length < GZIP.length) {
    const { done, value } = await iterator.next()
    if (done === true) break
    first = Buffer.concat([first, value])
  }
  return [first.length === 0 ? null : first, iterator]
}

async function* unzipped(first: Buffer, rest: AsyncIterable<Buffer>): AsyncIterableIterator<Buffer> {
  const unzip = createGunzip({ chunkSize: CHUNK_BYTES })
  const whole = async function* (): AsyncIterableIterator<Buffer> {
    yield first
    yield* rest
  }
  let isFed = false
  // A stream that fails drops what nobody has read, and one that is cut off fails at its end: that waits for the reader.
  const endOnceRead = (): void => {
    if (isFed && unzip.readableLength === 0) unzip.end()
  }
  const onFed = (): void => {
    isFed = true
    endOnceRead()
  }
  pipeline(whole, unzip, { end: false }).then(
    () => unzip.flush(onFed),
    // What goes wrong is thrown below, by who reads.
    (reason: Error) => unzip.destroy(reason),
  )
  for await (const chunk of unzip) {
    yield chunk
    endOnceRead()
  }
}
