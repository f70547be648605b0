import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHttpServer } from '../../src/transports/http/server.ts'
import { type AdminServer, type Answered, type Asking, adminOf } from '../admin/admin-server.ts'
import { OPEN_FILE } from './replica.ts'

const UPLOADS = { match: { path: '/uploads/**' }, key: 'user', rules: ['1/min'] }
const NEW = { 'if-none-match': '*' }

let admin: AdminServer

beforeAll(async () => {
  admin = await adminOf(OPEN_FILE)
})

afterAll(() => admin?.[Symbol.asyncDispose]())

const call = (method: string, path: string, asking: Asking = {}): Promise<Answered> =>
  admin.ask(path, { ...asking, method })
const version = (): string => admin.at.changes.version

describe('policies on the admin listener', () => {
  it('are put, patched, listed and deleted, each by the version that was seen', async () => {
    const listed = await call('GET', '/v1/policies')
    expect([listed.headers['etag'], listed.json.runtime.version]).toEqual(['"0"', '0'])
    const put = await call('PUT', '/v1/policies/uploads', { headers: { 'if-match': '"0"' }, body: UPLOADS })
    expect([put.status, put.json]).toEqual([
      200,
      { version: version(), policy: { name: 'uploads', ...UPLOADS } },
    ])
    const etag = String(put.headers['etag'])
    expect(etag).toBe(`"${version()}"`)
    const type = 'application/merge-patch+json'
    const patched = await call('PATCH', '/v1/policies/uploads', {
      headers: { 'if-match': etag, 'content-type': type },
      body: { rules: ['2/min'] },
    })
    expect([patched.status, patched.json.policy.rules]).toEqual([200, ['2/min']])
    const late = await call('DELETE', '/v1/policies/uploads', { headers: { 'if-match': etag } })
    expect([late.status, late.json.code, late.headers['etag']]).toEqual([
      409,
      'conflict',
      patched.headers['etag'],
    ])
    const gone = await call('DELETE', '/v1/policies/uploads', {
      headers: { 'if-match': String(patched.headers['etag']) },
    })
    expect([gone.status, gone.json]).toEqual([200, { version: version() }])
    const history = await call('GET', '/v1/policies/history')
    expect(history.json.changes.map(({ action }: { action: string }) => action)).toEqual([
      'delete',
      'patch',
      'put',
    ])
    expect(history.json.changes[0]).toMatchObject({ transport: 'admin', actor: null })
  })

  it('go into shadow by a switch', async () => {
    const on = await call('PUT', '/v1/shadow', { headers: { 'if-match': '*' }, body: { on: true } })
    expect(on.status).toBe(200)
    expect((await call('GET', '/v1/policies')).json).toMatchObject({
      policies: [{ mode: 'shadow' }],
      runtime: { shadow: true },
    })
    expect((await call('GET', '/readyz')).json.configuration).toMatchObject({
      shadow: true,
      rejected: null,
    })
  })

  it.each<[string, string, string, Asking, number, object]>([
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
    const before = version()
    const answer = await call(method, url, options)
    expect([answer.status, answer.json]).toEqual([status, expect.objectContaining(problem)])
    expect(version()).toBe(before)
  })

  it.each([
    ['POST', '/v1/policies/a', 'PUT, PATCH, DELETE'],
    ['GET', '/v1/policies/a', 'PUT, PATCH, DELETE'],
    ['POST', '/v1/policies/history', 'PUT, PATCH, DELETE, GET, HEAD'],
    ['DELETE', '/v1/policies', 'GET, HEAD'],
    ['GET', '/v1/shadow', 'PUT'],
  ])('answer to %s %s which methods there are', async (method, url, allowed) => {
    const body = method === 'POST' ? {} : undefined
    const answer = await call(method, url, body === undefined ? {} : { body })
    expect([answer.status, answer.headers['allow']]).toEqual([405, allowed])
  })

  it.each(['/v1/policies/a/b', '/v1/shadow/on'])('are not at %s', async (url) => {
    expect((await call('PUT', url, { headers: NEW, body: UPLOADS })).status).toBe(404)
  })

  it('are described by the API', async () => {
    const { paths } = (await call('GET', '/v1/openapi.json')).json
    expect(Object.keys(paths['/v1/policies/{name}'])).toEqual(['put', 'patch', 'delete'])
    expect(paths['/v1/policies/{name}'].put.parameters).toMatchObject([
      { name: 'name', in: 'path', required: true },
      { name: 'If-Match', in: 'header' },
      { name: 'If-None-Match', in: 'header' },
    ])
  })

  it('cannot be changed over the listener of requests', async () => {
    const http = createHttpServer(admin.service)
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
