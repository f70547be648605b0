/** What middleware of each framework accepts, and, under `@ts-expect-error`, what must not compile. Compiled, never run. */
import type { IncomingMessage } from 'node:http'
import type { Request as ExpressRequest, RequestHandler } from 'express'
import type { FastifyRequest } from 'fastify'
import type { Context as HonoContext, MiddlewareHandler } from 'hono'
import type { Context as KoaContext } from 'koa'
import { rateLimit as limitExpress } from '../../src/entries/express.ts'
import { rateLimit as limitFastify } from '../../src/entries/fastify.ts'
import { rateLimit as limitFetch } from '../../src/entries/fetch.ts'
import { rateLimit as limitHono } from '../../src/entries/hono.ts'
import type { Allowed, Decision, Denied, Limiter } from '../../src/entries/index.ts'
import { memoryStore } from '../../src/entries/index.ts'
import { rateLimit as limitKoa } from '../../src/entries/koa.ts'
import { adaptive } from '../../src/entries/middleware.ts'
import { rateLimit as limitNext } from '../../src/entries/next.ts'
import { rateLimit as limitNode } from '../../src/entries/node.ts'
import { scriptLimiter } from '../../src/entries/script.ts'

/** Holds when both types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

function holds<_T extends true>(): void {}

/** The same, as a condition that is never met. */
function never<_T extends true>(): boolean {
  return false
}

/** Functions of the options get the request as the framework has it. */
export function requestsOfFrameworks(): void {
  limitExpress({ limit: '1/s', skip: (request) => never<Same<typeof request, ExpressRequest>>() })
  limitNode({ limit: '1/s', skip: (request) => never<Same<typeof request, IncomingMessage>>() })
  limitFetch({ limit: '1/s', skip: (request) => never<Same<typeof request, Request>>() })
  limitHono({ limit: '1/s', skip: (context) => never<Same<typeof context, HonoContext>>() })
  limitFastify({ limit: '1/s', skip: (request) => never<Same<typeof request, FastifyRequest>>() })
  limitKoa({ limit: '1/s', skip: (context) => never<Same<typeof context, KoaContext>>() })
  limitNext({ limit: '1/s', key: (request) => request.cookies.get('session')?.value })
  // @ts-expect-error a context of Hono has no such method
  limitHono({ limit: '1/s', key: (context) => context.get() })
  // @ts-expect-error a request of Express is not one of the web
  limitExpress({ limit: '1/s', key: (request) => request.headers.get('x-key') })
}

export function middlewareOfFrameworks(): void {
  const express: RequestHandler = limitExpress({ limit: '1/s' })
  const hono: MiddlewareHandler = limitHono({ limit: '1/s' })
  const handler = limitFetch({ limit: '1/s' })(
    (request: Request, env: { name: string }) => new Response(request.url + env.name),
  )
  const answer: Promise<Response> = handler(new Request('http://a'), { name: 'a' })
  // @ts-expect-error what the platform passes is not left out
  void handler(new Request('http://a'))
  // @ts-expect-error a handler answers with a response
  limitFetch({ limit: '1/s' })(() => 'hello')
  // @ts-expect-error middleware of Hono is none of Express
  const other: RequestHandler = hono
  void [express, other, answer]
}

export function theLimiterOfMiddleware(): void {
  holds<Same<ReturnType<typeof limitExpress>['limiter'], Limiter>>()
  const script = scriptLimiter({ script: '', headers: [], call: async () => [], onStoreError: 'open' })
  const scripted = limitExpress({
    script,
    key: (request, address) => [request.path, address ?? 'unknown'],
    args: (request) => [request.path],
  })
  // @ts-expect-error a script has no limiter
  void scripted.limiter
  // @ts-expect-error a script has its limit in itself
  limitExpress({ script, limit: '1/s' })
  // @ts-expect-error arguments are texts and whole numbers
  limitExpress({ script, args: [{}] })
}

export function options(): void {
  limitExpress({ limit: 5, window: '15m', store: memoryStore(), onStoreError: 'closed', headers: false })
  limitExpress({ limit: async (request) => (request.ip === undefined ? '1/s' : ['1/s', '9/h']) })
  limitExpress({ limit: adaptive({ limit: '100/s', min: 10, target: '200ms' }) })
  // @ts-expect-error a misspelt option
  limitExpress({ limit: '1/s', windows: '1m' })
  // @ts-expect-error a limit is a rate, rates, or a number
  limitExpress({ limit: true })
  // @ts-expect-error a window is a duration
  limitExpress({ limit: 5, window: ['1m'] })
  // @ts-expect-error a key is a text or a whole number
  limitExpress({ limit: '1/s', key: () => ({ user: 'a' }) })
  // @ts-expect-error a cost is a number
  limitExpress({ limit: '1/s', cost: '2' })
  // @ts-expect-error a cost is a number, also later
  limitExpress({ limit: '1/s', cost: async () => '2' })
  // @ts-expect-error a failure mode
  limitExpress({ limit: '1/s', onStoreError: 'pass' })
  // @ts-expect-error a generation of header fields
  limitExpress({ limit: '1/s', headers: { standard: 'draft-9' } })
  // @ts-expect-error a body of which there is none
  limitExpress({ limit: '1/s', response: 'html' })
  // @ts-expect-error a status is a number
  limitExpress({ limit: '1/s', response: () => ({ status: '429' }) })
  // @ts-expect-error a level of the log
  limitExpress({ limit: '1/s', logLevel: 'loud' })
  // @ts-expect-error a store makes decisions
  limitExpress({ limit: '1/s', store: new Map() })
}

export function callbacks(): void {
  limitExpress({
    limit: '1/s',
    onDecision(decision, { request, setHeader }) {
      holds<Same<typeof decision, Decision>>()
      holds<Same<typeof request, ExpressRequest>>()
      setHeader('x-left', String(decision.remaining))
      // @ts-expect-error header values are texts
      setHeader('x-left', 5)
    },
    onLimited(decision) {
      holds<Same<typeof decision, Denied>>()
      // @ts-expect-error a denial is no admission
      const allowed: Allowed = decision
      void allowed
    },
    charge: ({ status, bytes, aborted }) => (aborted || status > 400 ? 0 : bytes),
  })
}

export function defaults(): void {
  const limits = limitExpress.defaults({ limiters: { login: { limit: '5/15m' } } })
  limits('login', { skipSuccessful: true })
  // @ts-expect-error limiters by name have options
  limitExpress.defaults({ limiters: { login: '5/15m' } })
  // @ts-expect-error defaults are options
  limitExpress.defaults({ limits: {} })
  // @ts-expect-error options of a limiter by name are options
  limits('login', { limits: '5/m' })
}
