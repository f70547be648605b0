/** Servers of Node whose first octets are read by somebody else, as the fast path does it, without any code of it. */
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Server, Socket } from 'node:net'

type Listener = (socket: Socket) => void

/** What is done with the first octets of a connection; `ordinary` is Node's own listener. */
export type Taker = (socket: Socket, first: Buffer, ordinary: Listener) => void

export const get = (path: string): string => `GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`

/** Answers with the target, which `targetsIn` finds again. */
export function echoTarget({ url }: IncomingMessage, response: ServerResponse): void {
  response.end(`[${url}]`)
}

/** The targets that were answered, in their order. */
export function targetsIn(text: string): string[] {
  return text.match(/\[[^\]]*\]/g) ?? []
}

/** Whether so many requests were answered. */
export function answers(count: number): (text: string) => boolean {
  return (text) => targetsIn(text).length >= count
}

/** Lets a server listen until the block ends: `await using`. */
export async function listening<T extends Server>(server: T): Promise<T & AsyncDisposable> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return Object.assign(server, {
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      if (!server.listening) return
      server.close()
      await once(server, 'close')
    },
  })
}

/** Has `take` read the first octets of each connection in place of Node's own listener. */
export function decorated<T extends Server>(server: T, take: Taker, event = 'connection'): T {
  const [ordinary, ...others] = server.listeners(event) as Listener[]
  if (ordinary === undefined || others.length > 0) throw new Error(`not one listener of ${event}`)
  server.removeListener(event, ordinary)
  server.on(event, (socket: Socket) => {
    socket.once('data', (first) => take(socket, first, (one) => ordinary.call(server, one)))
  })
  return server
}

/** The order in which a connection is handed over. */
export const inOrder: Taker = (socket, first, ordinary) => {
  socket.pause()
  socket.unshift(first)
  ordinary(socket)
  socket.resume()
}
