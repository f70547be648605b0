import fastifyRateLimit from '@fastify/rate-limit'
import fastify, { type onRequestHookHandler } from 'fastify'
import { rateLimit } from 'headgate/fastify'
import { ANSWER, announce, fieldsByHand, HOUR_MS, params } from './app.ts'

const { before, limit } = params
const app = fastify()
switch (before) {
  case 'nothing':
    break
  case 'empty middleware':
    app.addHook('onRequest', (_request, _reply, done) => done())
    break
  case 'fields by hand':
    app.addHook('onRequest', setFields)
    break
  case 'headgate':
    app.addHook('onRequest', rateLimit({ limit: `${limit}/h` }))
    break
  case 'headgate without fields':
    app.addHook('onRequest', rateLimit({ limit: `${limit}/h`, headers: false }))
    break
  case 'peer':
    await app.register(fastifyRateLimit, { max: limit, timeWindow: HOUR_MS })
    break
}
app.get('/', (_request, reply) => {
  reply.send(ANSWER)
})
await app.listen({ port: 0 })
announce(app.server.address())

function setFields(...[, reply, done]: Parameters<onRequestHookHandler>): void {
  const { policy, state } = fieldsByHand()
  reply.header('ratelimit-policy', policy)
  reply.header('ratelimit', state)
  done()
}
