import { describe, expect, it } from 'vitest'
import { startProxy } from './proxy-under-test.ts'

/** As the HTTP client of Java begins each connection. */
const H2C =
  'Host: shop.example\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAA\r\n'
const SECOND = 'GET /second HTTP/1.1\r\nHost: shop.example\r\n\r\n'

describe('requests for another protocol than WebSocket', () => {
  it.each([
    ['without a body', `GET /first HTTP/1.1\r\n${H2C}\r\n`, ''],
    ['with a body', `POST /first HTTP/1.1\r\n${H2C}Content-Length: 3\r\n\r\nabc`, 'abc'],
    [
      'in chunks',
      `POST /first HTTP/1.1\r\n${H2C}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
      'abc',
    ],
  ])('are forwarded as they are %s, as the last ones of their connection', async (_, first, body) => {
    await using proxy = await startProxy('policies: []\nproxy: {}')
    const text = await proxy.raw(first + SECOND)
    expect(text).toMatch(/^HTTP\/1\.1 200 /)
    expect(text).toMatch(/^connection: close\r$/im)
    expect(proxy.seen.map(({ url, body: got }) => [url, String(got)])).toEqual([['/first', body]])
    expect(proxy.seen[0]?.rawHeaders.join()).not.toMatch(/h2c|http2-settings|upgrade/i)
  })
})
