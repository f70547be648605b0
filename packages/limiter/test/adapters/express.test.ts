import express from 'express'
// @ts-expect-error: the package has no types; those of Express 5 fit what is used here.
import express4 from 'express4'
import { expect, it } from 'vitest'
import { rateLimit } from '../../src/adapters/express.ts'
import { listen } from './node-reply.ts'

it.each([
  ['4', express4 as typeof express],
  ['5', express],
])(
  'counts by a route of Express %s whatever the case of the path that its router is mounted at',
  async (_, create) => {
    const router = create.Router()
    router.get('/login', rateLimit({ limit: '1/hour', key: ['ip', 'route'] }), (_request, response) => {
      response.end('hello')
    })
    const { url, close } = await listen(create().use('/api', router).use('/admin', router))
    const paths = ['/api/login', '/API/login', '/Api/LOGIN', '/admin/login']
    const statuses: number[] = []
    for (const path of paths) statuses.push((await fetch(url + path)).status)
    await close()
    expect(statuses).toEqual([200, 429, 429, 200])
  },
)
