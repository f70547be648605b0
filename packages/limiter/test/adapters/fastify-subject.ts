import fastify, { type FastifyRequest } from 'fastify'
import { rateLimit } from '../../src/adapters/fastify.ts'
import type { AdapterSubject } from '../../src/testing/adapter-contract/index.ts'
import { running, streamOf } from './node-reply.ts'

export const fastifySubject: AdapterSubject = {
  hasRoutes: true,
  header: (request, name) => (request as FastifyRequest).headers[name] as string | undefined,
  async start({ limits = [], routes }) {
    const app = fastify()
    for (const options of limits) app.addHook('onRequest', rateLimit(options))
    for (const { pattern, method = 'GET', limits = [], reply = {} } of routes) {
      const onRequest = limits.map((one) => rateLimit(one))
      app.route({
        method,
        url: pattern,
        onRequest,
        async handler(_request, response) {
          return response.code(reply.status ?? 200).send(streamOf(reply))
        },
      })
    }
    await app.ready()
    return running(app.server)
  },
}
