import { createAdaptorServer } from '@hono/node-server'
import type { Reply, RunningApp } from '../../src/testing/adapter-contract/index.ts'
import { running } from './node-reply.ts'

/** Answers as a handler of the application under test does. */
export function webReply({ status = 200, pieces = [], hangs = false, throws }: Reply = {}): Response {
  if (throws === true) throw new Error('the handler of this test throws')
  return new Response(pieces.length === 0 ? null : streamOf(pieces, hangs), { status })
}

function streamOf(pieces: readonly string[], hangs: boolean): ReadableStream {
  const encoder = new TextEncoder()
  return new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(encoder.encode(piece))
      if (!hangs) controller.close()
    },
  })
}

/** Serves a handler of web requests on a free port, with the objects of the standard. */
export function serveWeb(
  fetch: (request: Request, env: unknown) => Response | Promise<Response>,
): Promise<RunningApp> {
  return running(createAdaptorServer({ fetch, overrideGlobalObjects: false }))
}
