import { once } from 'node:events'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import { WAITERS_MAX } from '../../src/service/waiting.ts'
import { type Api, openApi } from './http-fixture.ts'

const alice = { attributes: { user: 'alice' } }
const policies = [{ name: 'api', key: 'user', rules: [{ limit: '1/s', burst: 1 }] }]

/** Whoever came before has asked the store once these turns are over. */
async function turns(): Promise<void> {
  for (let n = 0; n < 20; n++) await new Promise((resolve) => setImmediate(resolve))
}

/** Sends a request over a socket of its own, so that it can leave. */
async function leaving(api: Api, body: object): Promise<Socket> {
  const { port } = api.app.server.address() as AddressInfo
  const socket = connect(port, '127.0.0.1')
  const text = JSON.stringify(body)
  const arrived = once(api.app.server, 'request')
  socket.write(
    `POST /v1/wait HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\n\r\n${text}`,
  )
  await arrived
  return socket
}

describe('POST /v1/wait', () => {
  it('answers at once where there are units, else when it is its turn', async () => {
    await using api = openApi(policies)
    expect((await api.post('/v1/wait', alice)).json()).toMatchObject({ allowed: true, remaining: 0 })
    const waiting = api.post('/v1/wait', alice)
    await turns()
    api.clock.advance('1s')
    const answer = await waiting
    expect([answer.statusCode, answer.json().allowed]).toEqual([200, true])
    expect(answer.json().receipt).toMatch(/^r1\./)
  })

  it('answers by the configuration that is in force at the end, and says so', async () => {
    await using api = openApi(policies)
    await api.post('/v1/consume', alice)
    const headers = { 'headgate-hash': '?1' }
    const waiting = api.app.inject({ method: 'POST', url: '/v1/wait', payload: alice, headers })
    await turns()
    const next = [{ name: 'next', key: 'user', rules: ['5/s'] }]
    api.service.apply({ ...api.service.configuration(), policies: next, hash: 'def' })
    const answer = await waiting
    expect([answer.json().policy, answer.headers['headgate-config']]).toEqual(['next', 'def'])
  })

  it('serves those of one key in the order in which they came', async () => {
    await using api = openApi(policies)
    await api.post('/v1/consume', alice)
    const served: number[] = []
    const all = [1, 2, 3].map(async (n) => {
      await api.post('/v1/wait', { ...alice, timeout: '1m' })
      served.push(n)
    })
    await turns()
    for (let n = 0; n < 3; n++) {
      api.clock.advance('1s')
      await vi.waitFor(() => expect(served).toHaveLength(n + 1))
    }
    await Promise.all(all)
    expect(served).toEqual([1, 2, 3])
  })

  it('denies at once what cannot be within its timeout', async () => {
    await using api = openApi(policies)
    await api.post('/v1/consume', alice)
    const denied = await api.post('/v1/wait', { ...alice, timeout: 500 })
    expect([denied.statusCode, denied.headers['retry-after']]).toEqual([429, '1'])
  })

  it.each(['61s', 60_001, 0, -1, '1 fortnight', null, {}])('refuses the timeout %j', async (timeout) => {
    await using api = openApi(policies)
    const refused = await api.post('/v1/wait', { ...alice, timeout })
    expect(refused.statusCode).toBe(400)
    expect(refused.json()).toMatchObject({ path: 'timeout' })
    expect(await api.left('alice')).toEqual([1])
  })

  it('gives the place of a client that leaves to the next one, and spends nothing for it', async () => {
    await using api = openApi(policies)
    await api.app.listen({ port: 0, host: '127.0.0.1' })
    await api.post('/v1/consume', alice)
    const socket = await leaving(api, { ...alice, timeout: '1m' })
    await turns()
    const next = api.post('/v1/wait', { ...alice, timeout: '1m' })
    await turns()
    const closed = once(socket, 'close')
    socket.destroy()
    await closed
    await turns()
    api.clock.advance('1s')
    expect((await next).json()).toMatchObject({ allowed: true })
    expect(api.failures).toEqual([])
  })

  it('gives back what was spent for a client that left meanwhile', async () => {
    await using api = openApi(policies)
    const left = new AbortController()
    const waiting = api.service.wait(
      { who: { user: 'alice' } },
      { transport: 'http', timeoutMs: 1000, signal: left.signal },
    )
    left.abort(new Error('left'))
    await expect(waiting).rejects.toThrow('left')
    await turns()
    expect(await api.left('alice')).toEqual([1])
  })

  it('answers all who wait when the service drains, and whoever comes later', async () => {
    await using api = openApi(policies)
    await api.post('/v1/consume', alice)
    const waiting = [1, 2, 3].map(() => api.post('/v1/wait', { ...alice, timeout: '1m' }))
    await turns()
    api.service.drain()
    for (const answer of [...(await Promise.all(waiting)), await api.post('/v1/wait', alice)]) {
      expect(answer.statusCode).toBe(503)
      expect(answer.headers['retry-after']).toBe('1')
      expect(answer.json()).toMatchObject({ code: 'closed' })
    }
    expect((await api.post('/v1/peek', { ...alice, cost: 0 })).statusCode).toBe(200)
  })

  it(`takes ${WAITERS_MAX} at a time, and says so to those beyond`, async () => {
    await using api = openApi(policies)
    await api.post('/v1/consume', alice)
    const left = new AbortController()
    const who = { user: 'alice' }
    const options = { transport: 'http', timeoutMs: 1e9, signal: left.signal }
    const waiting = Array.from({ length: WAITERS_MAX }, () => api.service.wait({ who }, options))
    const settled = Promise.allSettled(waiting)
    const refused = await api.post('/v1/wait', alice)
    expect([refused.statusCode, refused.headers['retry-after']]).toEqual([503, '1'])
    expect(refused.json()).toMatchObject({ code: 'too-many-waiters' })
    left.abort(new Error('left'))
    expect((await settled).every(({ status }) => status === 'rejected')).toBe(true)
    const another = { attributes: { user: 'bob' } }
    expect((await api.post('/v1/wait', another)).statusCode).toBe(200)
  })
})
