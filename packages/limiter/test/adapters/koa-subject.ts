import Router from '@koa/router'
import Koa, { type Context } from 'koa'
import { rateLimit } from '../../src/adapters/koa.ts'
import type { AdapterSubject } from '../../src/testing/adapter-contract/index.ts'
import { listen, streamOf } from './node-reply.ts'

export const koaSubject: AdapterSubject = {
  hasRoutes: true,
  header: (request, name) => (request as Context).get(name) || undefined,
  async start({ limits = [], routes }) {
    const app = new Koa()
    app.silent = true
    for (const options of limits) app.use(rateLimit(options))
    const router = new Router()
    for (const { pattern, method = 'GET', limits = [], reply } of routes) {
      router.register(
        pattern,
        [method],
        [
          ...limits.map((one) => rateLimit(one)),
          (context) => {
            context.body = streamOf(reply)
            context.status = reply?.status ?? 200
          },
        ],
      )
    }
    app.use(router.routes())
    return listen(app.callback())
  },
}
