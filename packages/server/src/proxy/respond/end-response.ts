import type { ServerResponse } from 'node:http'
import { IDLE_TIMEOUT_MS } from '../../listener/listener-limits.ts'

/**
 * Ends a response. What the client has not taken by then waits for it: the connection ends where it takes nothing for `idleMs`, since
 * whoever forwarded it looks no longer. Once all is written, Node sets a timeout of its own.
 */
export function endResponse(
  response: ServerResponse,
  last: Buffer | null = null,
  idleMs: number = IDLE_TIMEOUT_MS,
): void {
  response.end(last)
  if (response.writableLength > 0) response.socket?.setTimeout(idleMs)
}
