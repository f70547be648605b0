import fastify, { type FastifyInstance } from 'fastify'
import { describe, expect, it } from 'vitest'
import { rateLimit } from '../../src/adapters/fastify.ts'
import type { Outcome } from '../../src/middleware/exchange.ts'

const shared = { limit: '1/hour', key: ['ip', 'route'] }

async function statusesOf(app: FastifyInstance, ...urls: string[]): Promise<number[]> {
  const statuses: number[] = []
  for (const url of urls) statuses.push((await app.inject(url)).statusCode)
  return statuses
}

describe('limits in Fastify', () => {
  it('know the pattern of a route from a hook of the application, and HEAD by the route of GET', async () => {
    const app = fastify().addHook('onRequest', rateLimit(shared))
    app.get('/items/:id', async () => 'item')
    app.register(async (inner) => inner.get('/:name', async () => 'shop'), { prefix: '/shops' })
    expect(await statusesOf(app, '/items/1', '/items/2', '/shops/a', '/shops/b')).toEqual([
      200, 429, 200, 429,
    ])
    expect((await app.inject({ method: 'HEAD', url: '/items/3' })).statusCode).toBe(429)
  })

  it('have one budget for all that is not found, also by a handler of its own', async () => {
    const app = fastify().addHook('onRequest', rateLimit(shared))
    app.setNotFoundHandler(async (_request, reply) => reply.code(404).send('nothing here'))
    expect(await statusesOf(app, '/x', '/y')).toEqual([404, 429])
  })

  it('know the body as a later hook', async () => {
    const app = fastify()
    const preHandler = rateLimit({
      limit: '1/hour',
      key: ({ body }) => (body as { user: string }).user,
    })
    app.post('/', { preHandler }, async () => 'hello')
    const statusOf = async (user: string): Promise<number> =>
      (await app.inject({ method: 'POST', url: '/', payload: { user } })).statusCode
    expect(await statusOf('alice')).toBe(200)
    expect(await statusOf('alice')).toBe(429)
    expect(await statusOf('bob')).toBe(200)
  })

  it('stop a request that is denied: no later hook runs, and no handler', async () => {
    const ran: string[] = []
    const app = fastify().addHook('onRequest', rateLimit({ limit: '0/hour' }))
    app.addHook('preHandler', async () => void ran.push('hook'))
    app.get('/', async () => ran.push('handler'))
    expect(await statusesOf(app, '/')).toEqual([429])
    expect(ran).toEqual([])
  })

  it('settle what is injected', async () => {
    const outcomes: Outcome[] = []
    const charge = (outcome: Outcome): number => outcomes.push(outcome)
    const app = fastify().addHook('onRequest', rateLimit({ limit: '9/hour', charge }))
    app.get('/', async () => '12345')
    await app.inject('/')
    await expect.poll(() => outcomes.length).toBe(1)
    expect(outcomes[0]).toMatchObject({ status: 200, aborted: false, bytes: 5 })
  })
})
