import express, { type Request, type RequestHandler } from 'express'
import { rateLimit as expressRateLimit } from 'express-rate-limit'
import { rateLimit } from 'headgate/express'
import type { RateLimitOptions } from 'headgate/middleware'
import { redisStore } from 'headgate/redis'
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
    case 'empty middleware':
      return (_request, _response, next) => next()
    case 'fields by hand':
      return setFields
    case 'headgate':
      return rateLimit(options())
    case 'headgate without fields':
      return rateLimit({ ...options(), headers: false })
    case 'peer':
      return peer()
  }
}

function setFields(...[, response, next]: Parameters<RequestHandler>): void {
  const { policy, state } = fieldsByHand()
  response.setHeader('ratelimit-policy', policy)
  response.setHeader('ratelimit', state)
  next()
}

function options(): RateLimitOptions<Request> {
  return {
    limit: `${limit}/h`,
    ...(key === 'user' && { key: userOf }),
    ...(redisPort !== undefined && inRedis(redisPort)),
  }
}

/** No stand-in of the store answers: an answer that it gave on a busy machine would be none of what is measured. */
function inRedis(port: number): Pick<RateLimitOptions<Request>, 'store' | 'onStoreError' | 'deadlineMs'> {
  return { store: redisStore(`redis://127.0.0.1:${port}`), onStoreError: 'closed', deadlineMs: 10_000 }
}

function userOf({ headers }: Request): string {
  return String(headers['x-user'])
}

/** With as many fields as ours, where its default are twice as many. */
function peer(): RequestHandler {
  return expressRateLimit({
    limit,
    windowMs: HOUR_MS,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    ...(key === 'user' && { keyGenerator: userOf }),
    ...(redisPort !== undefined && { store: peerStore(redisPort) }),
  })
}

function peerStore(port: number): RedisStore {
  const client = new Redis({ port })
  return new RedisStore({
    sendCommand: (command, ...args) => client.call(command, ...args) as Promise<RedisReply>,
  })
}
