import type { IncomingMessage } from 'node:http'
import { rateLimit } from '../../src/adapters/node.ts'
import type { AdapterSubject, RunningApp } from '../../src/testing/adapter-contract/index.ts'
import { type Listener, sendReply } from './node-reply.ts'

/** `node:http` and `node:http2` by what serves a listener. */
export function nodeSubject(serve: (listener: Listener) => Promise<RunningApp>): AdapterSubject {
  return {
    hasRoutes: false,
    header: (request, name) => (request as IncomingMessage).headers[name] as string | undefined,
    async start({ limits = [], routes }) {
      const common = limits.map((options) => rateLimit(options))
      const own = routes.map((route) => ({
        ...route,
        limits: (route.limits ?? []).map((one) => rateLimit(one)),
      }))
      return serve(async (request, response) => {
        try {
          const route = own.find(({ pattern }) => pattern === request.url?.split('?')[0])
          for (const limited of [...common, ...(route?.limits ?? [])]) {
            if (!(await limited(request, response))) return
          }
          sendReply(response, route === undefined ? { status: 404 } : route.reply)
        } catch {
          response.writeHead(500).end()
        }
      })
    },
  }
}
