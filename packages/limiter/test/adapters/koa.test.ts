import { once } from 'node:events'
import Router from '@koa/router'
import Koa from 'koa'
import { describe, expect, it } from 'vitest'
import { rateLimit } from '../../src/adapters/koa.ts'
import { listen } from './node-reply.ts'

const shared = { limit: '1/hour', key: ['ip', 'route'] }

async function statusesOf(app: Pick<Koa, 'callback'>, ...paths: string[]): Promise<number[]> {
  const { url, close } = await listen(app.callback())
  try {
    const statuses: number[] = []
    for (const path of paths) statuses.push((await fetch(url + path)).status)
    return statuses
  } finally {
    await close()
  }
}

describe('limits in Koa', () => {
  it('know the pattern that is going to run from the middleware of a router, with its prefix', async () => {
    const router = new Router({ prefix: '/api' })
    router.use(rateLimit(shared))
    router.get('/items/:id', (context) => {
      context.body = 'item'
    })
    router.get('/users/:id', (context) => {
      context.body = 'user'
    })
    const app = new Koa().use(router.routes())
    const paths = ['/api/items/1', '/api/items/2', '/api/users/1', '/api/none']
    expect(await statusesOf(app, ...paths)).toEqual([200, 429, 200, 404])
  })

  it('have one budget for all routes in front of a router, which has not routed yet', async () => {
    const router = new Router().get('/:any', (context) => {
      context.body = 'hello'
    })
    const app = new Koa().use(rateLimit(shared)).use(router.routes())
    expect(await statusesOf(app, '/a', '/b')).toEqual([200, 429])
  })

  it('answer denials with an empty body where asked, and run nothing behind', async () => {
    let ran = false
    const app = new Koa().use(rateLimit({ limit: '0/hour', response: { status: 420 } }))
    app.use(() => {
      ran = true
    })
    expect(await statusesOf(app, '/')).toEqual([420])
    expect(ran).toBe(false)
  })

  it('hand errors of the options to the application', async () => {
    const app = new Koa()
    app.silent = true
    const heard = once(app, 'error')
    const key = (): string => {
      throw new Error('no session')
    }
    app.use(rateLimit({ limit: '1/hour', key }))
    expect(await statusesOf(app, '/')).toEqual([500])
    expect(String((await heard)[0])).toContain('no session')
  })
})
