/** What is told of a request at its end, whatever way it took, and its id. */
import { expect, it } from 'vitest'
import { type ProxyUnderTest, startProxy } from './proxy-under-test.ts'
import { rawClient } from './raw-client.ts'

const YAML = 'policies: []\nproxy: { webSocket: true, maxBody: 8, hardening: { reportPath: /csp } }'
const UPGRADE =
  'GET /chat HTTP/1.1\r\nhost: a\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n\r\n'

function targetOf({ application }: ProxyUnderTest): string {
  const address = application.address()
  return typeof address === 'object' ? `http://127.0.0.1:${address?.port}` : ''
}

it('has the target of a WebSocket, whose fields pass as they are', async () => {
  await using proxy = await startProxy(YAML)
  proxy.application.on('upgrade', (_, socket) => {
    const head = 'HTTP/1.1 101 X\r\nconnection: Upgrade\r\nupgrade: websocket\r\nx-name: caf\xe9\r\n\r\n'
    socket.end(head, 'latin1')
  })
  using client = await rawClient(proxy.port, UPGRADE)
  await expect.poll(() => proxy.ended).toHaveLength(1)
  expect(client.text()).toContain('\r\nx-name: caf\xe9\r\n')
  const told = { outcome: 'ok', status: 101, target: targetOf(proxy), upstreamMs: expect.any(Number) }
  expect(proxy.ended).toMatchObject([told])
})

it('has the target of a request whose client left before there was a response', async () => {
  let isAsked = false
  await using proxy = await startProxy(YAML, { answer: () => (isAsked = true) })
  using client = await rawClient(proxy.port, 'GET / HTTP/1.1\r\nhost: a\r\n\r\n')
  await expect.poll(() => isAsked).toBe(true)
  client.socket.destroy()
  await expect.poll(() => proxy.ended).toHaveLength(1)
  expect(proxy.ended).toMatchObject([{ outcome: 'client-gone', target: targetOf(proxy), upstreamMs: null }])
})

it('is a body that became too long, also where the response had begun', async () => {
  await using proxy = await startProxy(YAML)
  proxy.application.removeAllListeners('request')
  proxy.application.on('request', (_, response) => void response.write('so far'))
  const head = 'POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n'
  using client = await rawClient(proxy.port, `${head}1\r\na\r\n`)
  await expect.poll(() => client.text()).toContain('so far')
  client.socket.write('9\r\n123456789\r\n')
  await expect.poll(() => proxy.ended).toMatchObject([{ outcome: 'body-too-large', status: 200 }])
})

it('is no failure of ours where a report breaks off', async () => {
  await using proxy = await startProxy(YAML)
  const failures: unknown[] = []
  proxy.service.on('failure', (failure) => failures.push(failure))
  const fields = 'host: a\r\ncontent-type: application/csp-report\r\ncontent-length: 9'
  using client = await rawClient(proxy.port, `POST /csp HTTP/1.1\r\n${fields}\r\n\r\n{`)
  client.socket.destroy()
  await expect.poll(() => proxy.ended).toMatchObject([{ outcome: 'client-gone' }])
  expect(failures).toEqual([])
  expect(proxy.seen).toEqual([])
})

it('has an id, which a response has once', async () => {
  await using proxy = await startProxy(YAML, {
    answer: ({ headers }, response) =>
      void response.setHeader('x-request-id', String(headers['x-request-id'])).end(),
  })
  const { headers } = await fetch(proxy.url)
  await expect.poll(() => proxy.ended).toHaveLength(1)
  expect(headers.get('x-request-id')).toBe(proxy.ended[0]?.requestId)
})
