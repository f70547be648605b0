import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ResponseEnd } from '../middleware/exchange.ts'

/** A response over HTTP/2 has a stream, and no `closed`. */
type AnyResponse = ServerResponse & {
  readonly stream?: { readonly destroyed?: boolean; readonly rstCode?: number }
}

/** Whether a response has ended or its connection was lost: it emits nothing any more. */
export function isClosed({ closed, stream }: AnyResponse): boolean {
  return closed === true || stream?.destroyed === true
}

/** Calls `listener` once, when a response has ended or its connection was lost: at once where that was before. */
export function onResponseEnd(
  { method }: IncomingMessage,
  response: ServerResponse,
  listener: (end: ResponseEnd) => void,
): void {
  if (isClosed(response)) {
    const aborted = !response.writableFinished || isReset(response)
    listener({ status: response.statusCode, aborted, bytes: 0 })
    return
  }
  const bytesOf = countBytes(response)
  let isFinished = false
  response.once('finish', () => {
    isFinished = true
  })
  // Emitted after the last byte was handed over, and also where the connection ends before.
  response.once('close', () => {
    const { statusCode } = response
    const aborted = !isFinished || isReset(response)
    listener({ status: statusCode, aborted, bytes: method === 'HEAD' ? 0 : bytesOf() })
  })
}

/** A response over HTTP/2 also finishes where its stream was reset. */
function isReset({ stream }: AnyResponse): boolean {
  return (stream?.rstCode ?? 0) !== 0
}

type Write = (chunk?: unknown, ...rest: unknown[]) => never

/** Counts the body as it is written: a socket counts header fields as well, and over HTTP/2 other responses too. */
function countBytes(response: ServerResponse): () => number {
  let bytes = 0
  let isInside = false
  for (const name of ['write', 'end'] as const) {
    const original = response[name] as Write
    response[name] = function counted(this: ServerResponse, chunk?: unknown, ...rest: unknown[]): never {
      // An `end` with a chunk may call `write`.
      if (isInside) return original.call(this, chunk, ...rest)
      isInside = true
      bytes += sizeOf(chunk, rest[0])
      try {
        return original.call(this, chunk, ...rest)
      } finally {
        isInside = false
      }
    }
  }
  return () => bytes
}

function sizeOf(chunk: unknown, encoding: unknown): number {
  if (typeof chunk === 'string') return Buffer.byteLength(chunk, encoding as BufferEncoding)
  return chunk instanceof Uint8Array ? chunk.byteLength : 0
}
