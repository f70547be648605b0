import { once } from 'node:events'
import { createServer as createFront, type IncomingMessage, type ServerResponse } from 'node:http'
import { type ClientHttp2Session, connect, constants, createServer } from 'node:http2'
import type { RunningApp } from '../../src/testing/adapter-contract/index.ts'
import { type Listener, running } from './node-reply.ts'

/** Serves a listener over HTTP/2, behind a front for clients of HTTP/1: `fetch` of Node speaks HTTP/2 over TLS alone. */
export async function listenHttp2(listener: Listener): Promise<RunningApp> {
  const back = await running(
    createServer((request, response) => void listener(request as never, response as never)),
  )
  const session = connect(back.url)
  const front = await running(createFront((request, response) => forward(session, request, response)))
  return {
    url: front.url,
    async close() {
      await front.close()
      session.destroy()
      await once(session, 'close')
      await back.close()
    },
  }
}

function forward(session: ClientHttp2Session, request: IncomingMessage, response: ServerResponse): void {
  const { host, connection, 'content-length': _, ...fields } = request.headers
  const stream = session.request(
    { ...fields, ':authority': host, ':method': request.method, ':path': request.url },
    { endStream: request.method !== 'POST' },
  )
  if (request.method === 'POST') request.pipe(stream)
  stream.on('response', ({ ':status': status, ...fields }) => {
    response.writeHead(status ?? 502, fields as never)
    stream.pipe(response)
  })
  response.on('close', () => {
    if (!response.writableFinished) stream.close(constants.NGHTTP2_CANCEL)
  })
}
