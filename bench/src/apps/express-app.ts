import express, { type RequestHandler } from 'express'
import { rateLimit as expressRateLimit } from 'express-rate-limit'
import { Redis } from 'ioredis'
import { type RedisReply, RedisStore } from 'rate-limit-redis'
import { ANSWER, announce, fieldsByHand, HOUR_MS, params } from './app.ts'

const { before, key, limit, redisPort } = params
const app = express()
const handler = middleware()
if (handler !== null) app.use(handler)
app.get('/', (_request, response) => {
  response.json(ANSWER)
})
const server = app.listen(0, () => announce(server.address()))

function middleware(): RequestHandler | null {
  switch (before) {
    case 'nothing':
      return null
    case 'fields by hand':
      return setFields
    case 'peer':
      return peer()
    default:
      throw new TypeError(before)
  }
}

function setFields(...[, response, next]: Parameters<RequestHandler>): void {
  const { policy, state } = fieldsByHand()
  response.setHeader('ratelimit-policy', policy)
  response.setHeader('ratelimit', state)
  next()
}

/** With as many fields as ours, where its default are twice as many. */
function peer(): RequestHandler {
  return expressRateLimit({
    limit,
    windowMs: HOUR_MS,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    ...(key === 'user' && { keyGenerator: (request) => String(request.headers['x-user']) }),
    ...(redisPort !== undefined && { store: peerStore(redisPort) }),
  })
}

function peerStore(port: number): RedisStore {
  const client = new Redis({ port })
  return new RedisStore({
    sendCommand: (command, ...args) => client.call(command, ...args) as Promise<RedisReply>,
  })
}
