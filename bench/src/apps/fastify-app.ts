import fastifyRateLimit from '@fastify/rate-limit'
import fastify, { type onRequestHookHandler } from 'fastify'
import { ANSWER, announce, fieldsByHand, HOUR_MS, params } from './app.ts'

const { before, limit } = params
const app = fastify()
switch (before) {
  case 'nothing':
    break
  case 'fields by hand':
    app.addHook('onRequest', setFields)
    break
  case 'peer':
    await app.register(fastifyRateLimit, { max: limit, timeWindow: HOUR_MS })
    break
  default:
    throw new TypeError(before)
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
