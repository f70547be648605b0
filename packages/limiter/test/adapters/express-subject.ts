import type express from 'express'
import type { Request } from 'express'
import { rateLimit } from '../../src/adapters/express.ts'
import type { AdapterSubject } from '../../src/testing/adapter-contract/index.ts'
import { listen, sendReply } from './node-reply.ts'

/** Express 4 and 5 by what makes an application. */
export function expressSubject(create: typeof express): AdapterSubject {
  return {
    hasRoutes: true,
    header: (request, name) => (request as Request).get(name),
    async start({ limits = [], routes }) {
      const app = create()
      for (const options of limits) app.use(rateLimit(options))
      for (const { pattern, method = 'GET', limits = [], reply } of routes) {
        const add = method === 'GET' ? app.get.bind(app) : app.post.bind(app)
        add(pattern, ...limits.map((one) => rateLimit(one)), (_request, response) =>
          sendReply(response, reply),
        )
      }
      app.use(((_error, _request, response, _next) =>
        response.status(500).end()) as express.ErrorRequestHandler)
      return listen(app)
    },
  }
}
