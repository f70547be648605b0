import { Hono, type MiddlewareHandler } from 'hono'
import { describe, expect, it } from 'vitest'
import { rateLimit } from '../../src/adapters/hono.ts'

const node = { incoming: { socket: { remoteAddress: '192.0.2.1' } } }

/** The statuses of requests, one after the other. */
async function statusesOf(app: Hono, ...paths: string[]): Promise<number[]> {
  const statuses: number[] = []
  for (const path of paths) statuses.push((await app.request(path, {}, node)).status)
  return statuses
}

describe('limits per route in Hono', () => {
  const perRoute = (): MiddlewareHandler => rateLimit({ limit: '1/hour', key: ['ip', 'route'] })

  it('follow the pattern that is going to answer, also from in front of the application', async () => {
    const app = new Hono().use(perRoute())
    app.get('/items/:id', (c) => c.text('item'))
    app.get('/users/:id', (c) => c.text('user'))
    app.get('*', (c) => c.text('page'))
    expect(await statusesOf(app, '/items/1', '/items/2', '/users/1', '/a', '/b')).toEqual([
      200, 429, 200, 200, 429,
    ])
  })

  it('know routes of every method, and of an application in a path', async () => {
    const inner = new Hono().get('/:id', (c) => c.text('inner')).all('/all/:id', (c) => c.text('all'))
    const app = new Hono().use(perRoute()).route('/api', inner)
    expect(await statusesOf(app, '/api/1', '/api/2', '/api/all/1', '/api/all/2')).toEqual([
      200, 429, 200, 429,
    ])
  })

  it('have one budget for all that is not found', async () => {
    const app = new Hono().use(perRoute()).get('/', (c) => c.text('home'))
    expect(await statusesOf(app, '/', '/x', '/y')).toEqual([200, 404, 429])
  })
})

describe('an answer in Hono', () => {
  const once = (): MiddlewareHandler => rateLimit({ limit: '1/hour' })

  it('keeps header fields of middleware in front of the limit, denied or not', async () => {
    const app = new Hono()
    app.use(async (c, next) => {
      c.header('x-request-id', '7')
      await next()
    })
    app.use(once()).get('/', (c) => c.text('hello'))
    const [first, denied] = [await app.request('/', {}, node), await app.request('/', {}, node)]
    expect([first.status, first.headers.get('x-request-id')]).toEqual([200, '7'])
    expect([denied.status, denied.headers.get('x-request-id')]).toEqual([429, '7'])
  })

  it('tells of the limit also where the application answers with an error or not at all', async () => {
    const app = new Hono().use(rateLimit({ limit: '9/hour' }))
    app.get('/broken', () => {
      throw new Error('broken')
    })
    app.onError((_error, c) => c.text('sorry', 500))
    for (const path of ['/broken', '/none']) {
      expect((await app.request(path, {}, node)).headers.get('ratelimit')).toMatch(/^"default\/1h";r=\d/)
    }
  })

  it('knows the peer by the server of Bun, as bindings or in them', async () => {
    const server = { requestIP: () => ({ address: '192.0.2.1' }) }
    const app = new Hono().use(once()).get('/', (c) => c.text('hello'))
    expect((await app.request('/', {}, server)).status).toBe(200)
    expect((await app.request('/', {}, { server })).status).toBe(429)
    expect((await app.request('/')).status).toBe(400)
  })
})
