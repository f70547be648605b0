import { initTRPC, TRPCError } from '@trpc/server'
import { createExpressMiddleware } from '@trpc/server/adapters/express'
import { fastifyTRPCPlugin } from '@trpc/server/adapters/fastify'
import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import { createHTTPHandler } from '@trpc/server/adapters/standalone'
import express from 'express'
import fastify from 'fastify'
import { describe, expect, it, onTestFinished } from 'vitest'
import { rateLimit } from '../../src/adapters/trpc.ts'
import { HeadgateError } from '../../src/core/errors.ts'
import { guarded } from '../../src/resilience/guarded.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import type { RunningApp } from '../../src/testing/adapter-contract/index.ts'
import { faultyStore } from '../../src/testing/faulty-store.ts'
import { manualClock } from '../../src/testing/manual-clock.ts'
import { listen, running } from './node-reply.ts'
import { serveWeb } from './web-reply.ts'

interface Context {
  readonly user?: string | undefined
  readonly req?: unknown
  readonly res?: unknown
  readonly resHeaders?: Headers | undefined
}

const t = initTRPC.context<Context>().create()
const byUser = { key: ({ ctx }: { ctx: Context }) => ctx.user }

function stillStore() {
  const clock = manualClock()
  return { store: memoryStore({ clock }), clock }
}

/** A router whose procedure `twice` passes two times, `once` one time, and `free` always. */
function createRouter() {
  return t.router({
    twice: t.procedure.use(rateLimit({ limit: '2/hour' })).query(() => 'twice'),
    once: t.procedure.use(rateLimit({ limit: '1/hour', store: stillStore().store })).query(() => 'once'),
    free: t.procedure.query(() => 'free'),
  })
}

type Router = ReturnType<typeof createRouter>

/** Servers of tRPC, with contexts that have what their adapters give them. */
const servers: Readonly<Record<string, (router: Router) => Promise<RunningApp>>> = {
  standalone: (router) => listen(createHTTPHandler({ router, createContext: (given) => given })),
  express: (router) =>
    listen(express().use(createExpressMiddleware({ router, createContext: (given) => given }))),
  async fastify(router) {
    const app = fastify()
    app.register(fastifyTRPCPlugin, { trpcOptions: { router, createContext: (given: Context) => given } })
    await app.ready()
    return running(app.server)
  },
}

async function start(serve: (router: Router) => Promise<RunningApp>): Promise<string> {
  const app = await serve(createRouter())
  onTestFinished(() => app.close())
  return app.url
}

describe.each(Object.entries(servers))('a limit behind the %s adapter of tRPC', (_name, serve) => {
  it('counts by address, tells the limit in header fields, and denies with TOO_MANY_REQUESTS', async () => {
    const url = await start(serve)
    const passed = await fetch(`${url}/once`)
    expect(passed.status).toBe(200)
    expect(passed.headers.get('ratelimit')).toBe('"default/1h";r=0;t=3600')
    const denied = await fetch(`${url}/once`)
    expect(denied.status).toBe(429)
    expect(denied.headers.get('retry-after')).toBe('3600')
    expect(denied.headers.get('content-type')).toMatch(/^application\/json/)
    expect(await denied.json()).toMatchObject({
      error: {
        message: 'Too many requests; try again in 3600 s',
        data: { code: 'TOO_MANY_REQUESTS', httpStatus: 429, path: 'once' },
      },
    })
  })

  it('decides of each call of a batch by itself', async () => {
    const url = await start(serve)
    const calls = ['twice', 'free', 'twice', 'twice', 'once']
    const response = await fetch(`${url}/${calls.join(',')}?batch=1&input={}`)
    expect(response.status).toBe(207)
    const results = (await response.json()) as { error?: { data: { httpStatus: number } } }[]
    expect(results.map(({ error }) => error?.data.httpStatus ?? 200)).toEqual([200, 200, 200, 429, 200])
    expect((await fetch(`${url}/twice`)).status).toBe(429)
  })
})

describe('a limit behind the fetch adapter of tRPC', () => {
  it('tells the limit in resHeaders, and knows the key that the context has', async () => {
    const router = t.router({
      hi: t.procedure.use(rateLimit({ limit: '1/hour', ...byUser })).query(() => 'hi'),
    })
    const app = await serveWeb((req) =>
      fetchRequestHandler({
        endpoint: '',
        req,
        router,
        createContext: ({ req, resHeaders }) => ({ req, resHeaders, user: req.headers.get('x-user') ?? '' }),
      }),
    )
    onTestFinished(() => app.close())
    const send = (user: string): Promise<Response> => fetch(`${app.url}/hi`, { headers: { 'x-user': user } })
    const passed = await send('alice')
    expect([passed.status, passed.headers.get('ratelimit')]).toEqual([200, expect.stringMatching(/r=0/)])
    const denied = await send('alice')
    expect([denied.status, denied.headers.get('retry-after')]).toEqual([429, expect.stringMatching(/^\d+$/)])
    expect((await send('bob')).status).toBe(200)
    expect((await send('')).status).toBe(400)
  })
})

/** Calls a procedure behind limits; resolves to its result, or the code of its error. */
function callerOf(procedure: typeof t.procedure, answer: () => unknown = () => 'ok') {
  const create = t.createCallerFactory(t.router({ run: procedure.query(answer) }))
  return (context: Context): Promise<unknown> =>
    create(context)
      .run()
      .catch((error: TRPCError) => error.code)
}

describe('a limit of tRPC without HTTP', () => {
  it('denies with an error whose cause says when the call passes', async () => {
    const { store, clock } = stillStore()
    const procedure = t.procedure.use(rateLimit({ limit: '1/min', name: 'mail', store, ...byUser }))
    const call = t.createCallerFactory(t.router({ run: procedure.query(() => 1) }))({ user: 'a' })
    expect(await call.run()).toBe(1)
    clock.advance('20s')
    const error: TRPCError = await call.run().then(
      () => expect.unreachable(),
      (reason) => reason,
    )
    expect(error).toBeInstanceOf(TRPCError)
    expect(error.code).toBe('TOO_MANY_REQUESTS')
    expect(HeadgateError.is(error.cause)).toBe(true)
    expect(error.cause).toMatchObject({
      code: 'limited',
      retryAfterMs: 40_000,
      message: 'Too many calls: the limit mail/1m has 0 of 1 left; call again in 40000 ms',
    })
    expect(error.message).toBe('Too many requests; try again in 40 s')
  })

  it('refuses a call that has neither a key nor an address', async () => {
    const call = callerOf(t.procedure.use(rateLimit({ limit: '1/min' })))
    expect(await call({})).toBe('BAD_REQUEST')
    const keyed = t.createCallerFactory(
      t.router({ run: t.procedure.use(rateLimit({ limit: '1/min', ...byUser })).query(() => 1) }),
    )
    await expect(keyed({}).run()).rejects.toMatchObject({
      message: /return one from options.key, or have createContext return the request as req/,
      cause: { code: 'invalid-key' },
    })
  })

  it('fails with SERVICE_UNAVAILABLE where a closed limit has no store', async () => {
    const store = guarded(faultyStore(memoryStore(), { faults: ['fail'] }))
    const call = callerOf(
      t.procedure.use(rateLimit({ limit: '1/min', store, onStoreError: 'closed', ...byUser })),
    )
    expect(await call({ user: 'a' })).toBe('SERVICE_UNAVAILABLE')
  })

  it('gives back what earlier limits spent when a later one denies', async () => {
    const { store } = stillStore()
    const all = rateLimit({ limit: '3/hour', store, name: 'all', ...byUser })
    const strict = callerOf(
      t.procedure.use(all).use(rateLimit({ limit: '1/hour', store, name: 'strict', ...byUser })),
    )
    const loose = callerOf(t.procedure.use(all))
    const user = { user: 'a' }
    expect([await strict(user), await strict(user), await strict(user)]).toEqual([
      'ok',
      'TOO_MANY_REQUESTS',
      'TOO_MANY_REQUESTS',
    ])
    expect([await loose(user), await loose(user), await loose(user)]).toEqual([
      'ok',
      'ok',
      'TOO_MANY_REQUESTS',
    ])
  })

  it('settles by the status that the code of an error stands for', async () => {
    const statuses: number[] = []
    const charge = ({ status }: { status: number }): number => {
      statuses.push(status)
      return 0
    }
    const limited = t.procedure.use(rateLimit({ limit: '1/hour', charge, ...byUser }))
    const answers = [
      () => 'ok',
      () => {
        throw new TRPCError({ code: 'NOT_FOUND' })
      },
      () => {
        throw new Error('a defect of this test')
      },
    ]
    for (const answer of answers) await callerOf(limited, answer)({ user: 'a' })
    await expect.poll(() => statuses).toEqual([200, 404, 500])
  })

  it('gives back what failed calls spent', async () => {
    let fails = true
    const call = callerOf(
      t.procedure.use(rateLimit({ limit: '1/hour', skipFailed: true, ...byUser })),
      () => {
        if (fails) throw new TRPCError({ code: 'UNAUTHORIZED' })
        return 'ok'
      },
    )
    expect(await call({ user: 'a' })).toBe('UNAUTHORIZED')
    await expect.poll(() => call({ user: 'a' })).toBe('UNAUTHORIZED')
    fails = false
    await expect.poll(() => call({ user: 'a' })).toBe('ok')
    expect(await call({ user: 'a' })).toBe('TOO_MANY_REQUESTS')
  })

  it('counts by procedure where the key is the route', async () => {
    const limited = t.procedure.use(
      rateLimit({ limit: '1/hour', key: ['user', 'route'], attributes: ({ ctx }) => ({ user: ctx.user }) }),
    )
    const router = t.router({ a: limited.query(() => 'a'), b: limited.query(() => 'b') })
    const call = t.createCallerFactory(router)({ user: 'a' })
    expect([await call.a(), await call.b()]).toEqual(['a', 'b'])
    await expect(call.a()).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS' })
  })
})
