import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/**
 * Responses that wait for their turn behind those to earlier requests of a connection. Node forgets them where a client asks for a
 * tunnel, and Node 22 wherever the connection ends: nothing would end them.
 */
export class QueuedResponses {
  readonly #bySocket = new WeakMap<Socket, Set<ServerResponse>>()

  /** Remembers a new response where it has to wait, until it or its connection has ended. */
  add(socket: Socket, response: ServerResponse): void {
    if (response.socket !== null) return
    this.#queueOf(socket).add(response)
    response.once('close', () => this.#bySocket.get(socket)?.delete(response))
  }

  #queueOf(socket: Socket): Set<ServerResponse> {
    const known = this.#bySocket.get(socket)
    if (known !== undefined) return known
    const queued = new Set<ServerResponse>()
    this.#bySocket.set(socket, queued)
    socket.once('close', () => endAll(queued))
    return queued
  }
}

function endAll(queued: ReadonlySet<ServerResponse>): void {
  for (const response of queued) {
    response.destroy()
    // Node 22 tells nobody of the end of one that never had a socket; whoever is told twice knows it.
    response.emit('close')
  }
}
