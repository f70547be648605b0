import express from 'express'
// @ts-expect-error: the package has no types; those of Express 5 fit what is used here.
import express4 from 'express4'
import { describe, expect, it } from 'vitest'
import { rateLimit } from '../../src/adapters/express.ts'
import { listen } from './node-reply.ts'

describe.each([
  ['4', express4 as typeof express],
  ['5', express],
])('a limit by a route of Express %s', (_, create) => {
  /** The statuses of a router with one route, `/login`, that is mounted at some paths. */
  async function statusesOf(mounts: readonly string[], paths: readonly string[]): Promise<number[]> {
    const router = create.Router()
    router.get('/login', rateLimit({ limit: '1/hour', key: ['ip', 'route'] }), (_request, response) => {
      response.end('hello')
    })
    const app = create()
    for (const mount of mounts) app.use(mount, router)
    const { url, close } = await listen(app)
    const statuses: number[] = []
    for (const path of paths) statuses.push((await fetch(url + path)).status)
    await close()
    return statuses
  }

  it('counts whatever the case of the path is that the router is mounted at', async () => {
    const paths = ['/api/login', '/API/login', '/Api/LOGIN', '/admin/login', '/admin/login']
    expect(await statusesOf(['/api', '/admin'], paths)).toEqual([200, 429, 429, 200, 429])
  })

  it('makes no budget of each value of a parameter in that path', async () => {
    const paths = Array.from({ length: 30 }, (_, i) => `/tenants/${i}/login`)
    const passed = (await statusesOf(['/tenants/:tenant'], paths)).filter((status) => status === 200)
    expect(passed.length).toBeLessThan(10)
  })
})
