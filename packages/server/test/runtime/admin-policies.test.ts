import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify'
import { memoryStore } from 'headgate'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createObserver } from '../../src/service/observe/observer.ts'
import { createAdminServer } from '../../src/transports/admin/server.ts'
import { createHttpServer } from '../../src/transports/http/server.ts'
import { INSTANCE } from '../admin/admin-server.ts'
import { openReplica, type Replica } from './replica.ts'

const UPLOADS = { match: { path: '/uploads/**' }, key: 'user', rules: ['1/min'] }
const NEW = { 'if-none-match': '*' }

let replica: Replica
let app: FastifyInstance

beforeAll(() => {
  replica = openReplica(memoryStore())
  const { service, changes } = replica
  const metrics = async () => ({ type: 'text/plain', text: '' })
  const observer = createObserver(service, { everySecond: () => () => {} })
  app = createAdminServer(service, { metrics, observer, changes, instance: INSTANCE })
})

afterAll(() => app.close())

function call(
  method: InjectOptions['method'] & string,
  url: string,
  { headers = {}, body }: { readonly headers?: Record<string, string>; readonly body?: unknown } = {},
): Promise<LightMyRequestResponse> {
  return app.inject({ method, url, headers, ...(body === undefined ? {} : { payload: body as object }) })
}

describe('policies on the admin listener', () => {
  it('are put, patched, listed and deleted, each by the version that was seen', async () => {
    const listed = await call('GET', '/v1/policies')
    expect([listed.headers.etag, listed.json().runtime.version]).toEqual(['"0"', '0'])
    const put = await call('PUT', '/v1/policies/uploads', { headers: { 'if-match': '"0"' }, body: UPLOADS })
    expect([put.statusCode, put.json()]).toEqual([
      200,
      { version: replica.changes.version, policy: { name: 'uploads', ...UPLOADS } },
    ])
    const etag = String(put.headers.etag)
    expect(etag).toBe(`"${replica.changes.version}"`)
    const type = 'application/merge-patch+json'
    const patched = await app.inject({
      method: 'PATCH',
      url: '/v1/policies/uploads',
      headers: { 'if-match': etag, 'content-type': type },
      payload: JSON.stringify({ rules: ['2/min'] }),
    })
    expect([patched.statusCode, patched.json().policy.rules]).toEqual([200, ['2/min']])
    const late = await call('DELETE', '/v1/policies/uploads', { headers: { 'if-match': etag } })
    expect([late.statusCode, late.json().code, late.headers.etag]).toEqual([
      409,
      'conflict',
      patched.headers.etag,
    ])
    const gone = await call('DELETE', '/v1/policies/uploads', {
      headers: { 'if-match': String(patched.headers.etag) },
    })
    expect([gone.statusCode, gone.json()]).toEqual([200, { version: replica.changes.version }])
    const history = await call('GET', '/v1/policies/history')
    expect(history.json().changes.map(({ action }: { action: string }) => action)).toEqual([
      'delete',
      'patch',
      'put',
    ])
    expect(history.json().changes[0]).toMatchObject({ transport: 'admin', actor: null })
  })

  it('go into shadow by a switch', async () => {
    const on = await call('PUT', '/v1/shadow', { headers: { 'if-match': '*' }, body: { on: true } })
    expect(on.statusCode).toBe(200)
    expect((await call('GET', '/v1/policies')).json()).toMatchObject({
      policies: [{ mode: 'shadow' }],
      runtime: { shadow: true },
    })
    expect((await call('GET', '/readyz')).json().configuration).toMatchObject({
      shadow: true,
      rejected: null,
    })
  })

  it.each<[string, string, string, Parameters<typeof call>[2], number, object]>([
    ['no version', 'PUT', '/v1/policies/a', { body: UPLOADS }, 400, { path: 'headers.if-match' }],
    [
      'two versions',
      'PUT',
      '/v1/policies/a',
      { headers: { ...NEW, 'if-match': '*' }, body: UPLOADS },
      400,
      { path: 'headers.if-match' },
    ],
    [
      'a version that is none',
      'PUT',
      '/v1/policies/a',
      { headers: { 'if-match': 'seven' }, body: UPLOADS },
      400,
      { path: 'headers.if-match' },
    ],
    [
      'a weak version',
      'PUT',
      '/v1/policies/a',
      { headers: { 'if-match': 'W/"0"' }, body: UPLOADS },
      400,
      { path: 'headers.if-match' },
    ],
    [
      'a version that must not be',
      'PUT',
      '/v1/policies/a',
      { headers: { 'if-none-match': '"0"' }, body: UPLOADS },
      400,
      { path: 'headers.if-none-match' },
    ],
    [
      'no policy',
      'PUT',
      '/v1/policies/a',
      { headers: { ...NEW, 'content-type': 'application/json' } },
      400,
      {},
    ],
    [
      'a policy that is wrong',
      'PUT',
      '/v1/policies/a',
      { headers: NEW, body: { rules: [] } },
      400,
      { code: 'invalid-config', path: 'rules' },
    ],
    [
      'a name that is none',
      'PUT',
      '/v1/policies/a%20b',
      { headers: NEW, body: UPLOADS },
      400,
      { code: 'invalid-config', path: 'name' },
    ],
    [
      'the policy of the file',
      'PUT',
      '/v1/policies/api',
      { headers: { 'if-match': '*' }, body: UPLOADS },
      409,
      { code: 'conflict' },
    ],
    [
      'a patch of nothing',
      'PATCH',
      '/v1/policies/a',
      { headers: { 'if-match': '*' }, body: {} },
      404,
      { code: 'unknown-policy' },
    ],
    [
      'no position of the switch',
      'PUT',
      '/v1/shadow',
      { headers: { 'if-match': '*' }, body: { on: 'yes' } },
      400,
      { path: 'on' },
    ],
    [
      'no map for the switch',
      'PUT',
      '/v1/shadow',
      { headers: { 'if-match': '*' }, body: [true] },
      400,
      { path: 'on' },
    ],
    [
      'a parameter',
      'DELETE',
      '/v1/policies/a?force=1',
      { headers: { 'if-match': '*' } },
      400,
      { path: 'query' },
    ],
  ])('answer to %s what is wrong', async (_, method, url, options, status, problem) => {
    const { version } = replica.changes
    const answer = await call(method as 'PUT', url, options)
    expect([answer.statusCode, answer.json()]).toEqual([status, expect.objectContaining(problem)])
    expect(replica.changes.version).toBe(version)
  })

  it.each([
    ['POST', '/v1/policies/a', 'PUT, PATCH, DELETE'],
    ['GET', '/v1/policies/a', 'PUT, PATCH, DELETE'],
    ['POST', '/v1/policies/history', 'PUT, PATCH, DELETE, GET, HEAD'],
    ['DELETE', '/v1/policies', 'GET, HEAD'],
    ['GET', '/v1/shadow', 'PUT'],
  ])('answer to %s %s which methods there are', async (method, url, allowed) => {
    const body = method === 'POST' ? {} : undefined
    const answer = await call(method as 'GET', url, { body })
    expect([answer.statusCode, answer.headers.allow]).toEqual([405, allowed])
  })

  it.each(['/v1/policies/a/b', '/v1/shadow/on'])('are not at %s', async (url) => {
    expect((await call('PUT', url, { headers: NEW, body: UPLOADS })).statusCode).toBe(404)
  })

  it('are described by the API', async () => {
    const { paths } = (await call('GET', '/v1/openapi.json')).json()
    expect(Object.keys(paths['/v1/policies/{name}'])).toEqual(['put', 'patch', 'delete'])
    expect(paths['/v1/policies/{name}'].put.parameters).toMatchObject([
      { name: 'name', in: 'path', required: true },
      { name: 'If-Match', in: 'header' },
      { name: 'If-None-Match', in: 'header' },
    ])
  })

  it('cannot be changed over the listener of requests', async () => {
    const http = createHttpServer(replica.service)
    const answer = await http.inject({
      method: 'PUT',
      url: '/v1/shadow',
      headers: NEW,
      payload: { on: true },
    })
    expect(answer.statusCode).toBe(404)
    await http.close()
  })
})
