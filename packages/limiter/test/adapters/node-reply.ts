import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Server } from 'node:net'
import { Readable } from 'node:stream'
import type { Reply, RunningApp } from '../../src/testing/adapter-contract/index.ts'

/** Answers as a handler of the application under test does. */
export function sendReply(
  response: ServerResponse,
  { status = 200, pieces = [], hangs, throws }: Reply = {},
): void {
  if (throws === true) throw new Error('the handler of this test throws')
  response.statusCode = status
  response.flushHeaders()
  for (const piece of pieces) response.write(piece)
  if (hangs !== true) response.end()
}

/** The body that a handler of the application under test answers with. */
export function streamOf({ pieces = [], hangs, throws }: Reply = {}): Readable {
  if (throws === true) throw new Error('the handler of this test throws')
  const stream = new Readable({ read() {} })
  for (const piece of pieces) stream.push(piece)
  if (hangs !== true) stream.push(null)
  return stream
}

/** Answers requests; it may be async, and answers its errors itself. */
export type Listener = (request: IncomingMessage, response: ServerResponse) => unknown

/** Serves a listener of `node:http` on a free port. */
export async function listen(listener: Listener): Promise<RunningApp> {
  return running(createServer((request, response) => void listener(request, response)))
}

/** Starts a server of `node:http` on a free port. */
export async function running(server: Server & { closeAllConnections?(): void }): Promise<RunningApp> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections?.()
      server.close()
      await once(server, 'close')
    },
  }
}
