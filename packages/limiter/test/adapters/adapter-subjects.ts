import type { IncomingMessage } from 'node:http'
import type { Request } from 'express'
import express from 'express'
// @ts-expect-error: the package has no types; those of Express 5 fit what is used here.
import express4 from 'express4'
import { rateLimit as rateLimitExpress } from '../../src/adapters/express.ts'
import { rateLimit as rateLimitNode } from '../../src/adapters/node.ts'
import type { AdapterSubject } from '../../src/testing/adapter-contract/index.ts'
import { listen, sendReply } from './node-reply.ts'

/** The adapters, each with an application of its framework. */
export const adapterSubjects: Readonly<Record<string, AdapterSubject>> = {
  node: {
    hasRoutes: false,
    header: (request, name) => (request as IncomingMessage).headers[name] as string | undefined,
    async start({ limits = [], routes }) {
      const common = limits.map((options) => rateLimitNode(options))
      const own = routes.map((route) => ({
        ...route,
        limits: (route.limits ?? []).map((one) => rateLimitNode(one)),
      }))
      return listen(async (request, response) => {
        try {
          const route = own.find(({ pattern }) => pattern === request.url?.split('?')[0])
          for (const limited of [...common, ...(route?.limits ?? [])]) {
            if (!(await limited(request, response))) return
          }
          sendReply(response, route?.reply)
        } catch {
          response.writeHead(500).end()
        }
      })
    },
  },
  'express 5': expressSubject(express),
  'express 4': expressSubject(express4),
}

function expressSubject(create: typeof express): AdapterSubject {
  return {
    hasRoutes: true,
    header: (request, name) => (request as Request).get(name),
    async start({ limits = [], routes }) {
      const app = create()
      for (const options of limits) app.use(rateLimitExpress(options))
      for (const { pattern, method = 'GET', limits = [], reply } of routes) {
        const add = method === 'GET' ? app.get.bind(app) : app.post.bind(app)
        add(pattern, ...limits.map((one) => rateLimitExpress(one)), (_request, response) =>
          sendReply(response, reply),
        )
      }
      app.use(((_error, _request, response, _next) =>
        response.status(500).end()) as express.ErrorRequestHandler)
      return listen(app)
    },
  }
}
