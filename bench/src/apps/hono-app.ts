import { serve } from '@hono/node-server'
import { getConnInfo } from '@hono/node-server/conninfo'
import { rateLimit } from 'headgate/hono'
import { Hono, type MiddlewareHandler } from 'hono'
import { rateLimiter } from 'hono-rate-limiter'
import { ANSWER, announce, fieldsByHand, HOUR_MS, params } from './app.ts'

const { before, limit } = params
const app = new Hono()
const handler = middleware()
if (handler !== null) app.use(handler)
app.get('/', (c) => c.json(ANSWER))
serve({ fetch: app.fetch, port: 0 }, announce)

function middleware(): MiddlewareHandler | null {
  switch (before) {
    case 'nothing':
      return null
    case 'empty middleware':
      return (_c, next) => next()
    case 'fields by hand':
      return setFields
    case 'headgate':
      return rateLimit({ limit: `${limit}/h` })
    case 'headgate without fields':
      return rateLimit({ limit: `${limit}/h`, headers: false })
    case 'peer':
      return rateLimiter({ limit, windowMs: HOUR_MS, standardHeaders: 'draft-7', keyGenerator: addressOf })
  }
}

function setFields(...[c, next]: Parameters<MiddlewareHandler>): Promise<void> {
  const { policy, state } = fieldsByHand()
  c.header('ratelimit-policy', policy)
  c.header('ratelimit', state)
  return next()
}

/** It has no key of its own. */
function addressOf(c: Parameters<MiddlewareHandler>[0]): string {
  return getConnInfo(c).remote.address ?? ''
}
