import type { IncomingMessage } from 'node:http'

/** As much is read and thrown away, so that a client which sends before it reads comes to read. */
const BYTES_MAX = 1024 * 1024
const TIME_MAX_MS = 2000

/** Reads what is left of a request, up to some size and time, then calls `done`, once. */
export function discardRest(message: IncomingMessage, done: () => void): void {
  let left = BYTES_MAX
  const timer = setTimeout(end, TIME_MAX_MS)
  message.on('data', count)
  message.once('end', end)
  message.once('close', end)
  // Whoever read it before may have paused it.
  message.unpipe()
  message.resume()
  function count(chunk: Buffer): void {
    left -= chunk.length
    if (left < 0) end()
  }
  function end(): void {
    clearTimeout(timer)
    message.off('data', count)
    message.off('end', end)
    message.off('close', end)
    done()
  }
}
