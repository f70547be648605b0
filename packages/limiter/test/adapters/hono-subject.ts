import { type Context, Hono } from 'hono'
import { rateLimit } from '../../src/adapters/hono.ts'
import type { AdapterSubject } from '../../src/testing/adapter-contract/index.ts'
import { serveWeb, webReply } from './web-reply.ts'

export const honoSubject: AdapterSubject = {
  hasRoutes: true,
  header: (request, name) => (request as Context).req.header(name),
  async start({ limits = [], routes }) {
    const app = new Hono()
    for (const options of limits) app.use(rateLimit(options))
    for (const { pattern, method = 'GET', limits = [], reply } of routes) {
      app.on(method, [pattern], ...limits.map((one) => rateLimit(one)), () => webReply(reply))
    }
    app.onError((_error, context) => context.body(null, 500))
    return serveWeb((request, env) => app.fetch(request, env as object))
  },
}
