/** Hazards of `I-60` that take a connection of their own: what clients do to the API by mistake, or on purpose. */
import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { type Api, openApi } from './http-fixture.ts'

const alice = { attributes: { user: 'alice' } }

async function listening(): Promise<Api> {
  const api = openApi()
  await api.app.listen({ port: 0, host: '127.0.0.1' })
  return api
}

/** All that comes back on one connection, until the service ends it or `enough` of it has come. */
async function exchange(
  api: Api,
  bytes: string | Buffer,
  enough: (text: string) => boolean,
): Promise<string> {
  const socket = connect((api.app.server.address() as AddressInfo).port, '127.0.0.1')
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk
    if (enough(text)) socket.destroy()
  })
  // The service may close before all of a request is written.
  socket.on('error', () => {})
  socket.write(bytes)
  await once(socket, 'close')
  return text
}

function request(path: string, body: string, headers = ''): string {
  const head = `POST ${path} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n${headers}`
  return `${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}

const statuses = (text: string): string[] => text.match(/(?<=HTTP\/1\.1 )\d{3}/g) ?? []

describe('requests in one go on one connection', () => {
  it('are answered in their order, each by itself', async () => {
    await using api = await listening()
    const bodies = [
      '{"attributes":{"user":"alice"},"cost":4}',
      '{}',
      '{"attributes":{"user":"alice"},"cost":5}',
    ]
    const sent = bodies.map((body) => request('/v1/consume', body)).join('')
    const text = await exchange(api, sent, (all) => all.includes('"remaining":1'))
    expect(statuses(text)).toEqual(['200', '400', '200'])
    expect(text.indexOf('"remaining":6')).toBeLessThan(text.indexOf('"remaining":1'))
    expect(await api.left('alice')).toEqual([1])
  })
})

describe('header fields without end', () => {
  it('are refused with 431, and the service goes on', async () => {
    await using api = await listening()
    const long = `x-long: ${'x'.repeat(100_000)}\r\n`
    const text = await exchange(api, request('/v1/consume', JSON.stringify(alice), long), () => false)
    expect(statuses(text)).toEqual(['431'])
    expect(await api.left('alice')).toEqual([10])
  })
})

describe('a body that is compressed', () => {
  it.each(['gzip', 'br', 'deflate, gzip', 'x-unknown'])(
    'as %s is refused, and not unpacked',
    async (coding) => {
      await using api = openApi()
      const bomb = gzipSync(Buffer.alloc(50_000_000, ' '))
      expect(bomb.length).toBeLessThan(64 * 1024)
      const headers = { 'content-type': 'application/json', 'content-encoding': coding }
      const refused = await api.app.inject({ method: 'POST', url: '/v1/consume', headers, payload: bomb })
      expect(refused.statusCode).toBe(415)
      expect(refused.json()).toMatchObject({
        code: 'invalid-request',
        detail: expect.stringContaining(coding),
      })
    },
  )

  it('by name only is taken', async () => {
    await using api = openApi()
    const headers = { 'content-encoding': 'identity' }
    const answer = await api.app.inject({ method: 'POST', url: '/v1/consume', headers, payload: alice })
    expect(answer.statusCode).toBe(200)
  })
})

describe('a request without host', () => {
  it('is refused with a problem document', async () => {
    await using api = await listening()
    for (const path of ['/v1/policies', '/v1/authorize?deny=403', '/nothing']) {
      const text = await exchange(api, `GET ${path} HTTP/1.1\r\n\r\n`, (all) => all.endsWith('}'))
      expect(statuses(text)).toEqual(['400'])
      expect(text).toContain('content-type: application/problem+json')
      expect(text).toContain('the header field host is missing')
    }
  })

  it('is answered in HTTP/1.0, which knows none', async () => {
    await using api = await listening()
    const text = await exchange(api, 'GET /livez HTTP/1.0\r\n\r\n', () => false)
    expect(statuses(text)).toEqual(['200'])
  })
})

describe('attributes without end', () => {
  const attributes = (count: number): object => {
    const names = Array.from({ length: count }, (_, i) => [i.toString(36), i])
    return { user: 'alice', ...Object.fromEntries(names) }
  }

  it('are refused at 100,000, by the size of the body', async () => {
    await using api = openApi()
    expect((await api.post('/v1/consume', { attributes: attributes(100_000) })).statusCode).toBe(413)
    expect(await api.left('alice')).toEqual([10])
  })

  it('are taken as far as a body holds them, by every verb', async () => {
    await using api = openApi()
    const body = { attributes: attributes(4000), cost: 1 }
    for (const verb of ['consume', 'peek', 'charge', 'credit', 'wait']) {
      expect((await api.post(`/v1/${verb}`, body)).statusCode).toBe(200)
    }
  })
})

describe('names that are given twice', () => {
  it('count as the last one says, in a batch too', async () => {
    await using api = openApi()
    const one = '{"attributes":{"user":"bob","user":"alice"},"cost":9,"cost":2}'
    const headers = { 'content-type': 'application/json' }
    const payload = `{"requests":[],"requests":[${one}]}`
    const answer = await api.app.inject({ method: 'POST', url: '/v1/batch', headers, payload })
    expect(answer.json()).toMatchObject({ allowed: true, decisions: [{ cost: 2, remaining: 8 }] })
    expect(await api.left('alice')).toEqual([8])
  })
})

describe.each(['batch', 'refund', 'settle', 'extend', 'cancel'])('a body of %s', (path) => {
  it.each([
    ['of 10,000 levels', `${'['.repeat(10_000)}${']'.repeat(10_000)}`],
    [
      'of 10,000 levels in a field',
      `{"requests":${'['.repeat(10_000)}${']'.repeat(10_000)},"receipt":[],"reservation":[]}`,
    ],
    ['that is no JSON', '{"a'],
    ['with a byte order mark', '\uFEFF{}'],
    ['with __proto__', '{"__proto__":{"requests":[],"receipt":"","reservation":""}}'],
    ['that is empty', ''],
    ['that is null', 'null'],
  ])('%s is refused', async (_, payload) => {
    await using api = openApi()
    const headers = { 'content-type': 'application/json' }
    const refused = await api.app.inject({ method: 'POST', url: `/v1/${path}`, headers, payload })
    expect(refused.statusCode).toBe(400)
    expect(refused.headers['content-type']).toContain('application/problem+json')
    expect(refused.body.length).toBeLessThan(500)
    expect(api.failures).toEqual([])
  })
})
