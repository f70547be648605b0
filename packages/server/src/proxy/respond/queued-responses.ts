import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/**
 * Responses that wait for their turn behind those to earlier requests of a connection. Node forgets them where a client asks for a
 * tunnel: nothing would end them.
 */
export class QueuedResponses {
  readonly #bySocket = new WeakMap<Socket, Set<ServerResponse>>()

  /** Remembers a new response where it has to wait. */
  add(socket: Socket, response: ServerResponse): void {
    if (response.socket !== null) return
    const queued = this.#bySocket.get(socket) ?? new Set()
    this.#bySocket.set(socket, queued.add(response))
    response.once('close', () => queued.delete(response))
  }

  /** Ends all of a connection, which is of no use any more. */
  close(socket: Socket): void {
    for (const response of this.#bySocket.get(socket) ?? []) response.destroy()
  }
}
