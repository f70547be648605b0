import { once } from 'node:events'
import { connect } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { JOINED_BYTES_MAX } from '../../src/proxy/respond/end-with-body.ts'
import { startProxy } from './proxy-under-test.ts'

const CONFIG = 'proxy: { accessLog: false }\npolicies: []\n'

describe('a response whose body comes with its head', () => {
  it('arrives octet by octet, whatever its size and octets, and the connection goes on', async () => {
    let body: Uint8Array = new Uint8Array()
    await using proxy = await startProxy(CONFIG, {
      answer: (_, response) => void response.writeHead(200, { 'content-length': body.length }).end(body),
    })
    const sizes = [0, 1, JOINED_BYTES_MAX - 1, JOINED_BYTES_MAX, JOINED_BYTES_MAX + 1]
    const bodies = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.constantFrom(...sizes).map((size) => Uint8Array.from({ length: size }, (_, i) => (i * 7) % 256)),
    )
    await fc.assert(
      fc.asyncProperty(bodies, async (given) => {
        body = given
        const response = await fetch(proxy.url)
        expect(Buffer.from(await response.arrayBuffer()).equals(given)).toBe(true)
      }),
      { numRuns: 60 },
    )
    expect(proxy.ended.every(({ outcome }) => outcome === 'ok')).toBe(true)
    expect(proxy.ended.at(-1)?.bytesOut).toBe(body.length)
  })

  it('comes in its turn where requests are pipelined, also behind one that is late', async () => {
    let late: (() => void) | null = null
    await using proxy = await startProxy(CONFIG, {
      answer: ({ url }, response) => {
        const answer = () => void response.end(`answer to ${url}`)
        if (url === '/1') late = answer
        else answer()
        if (url === '/3') late?.()
      },
    })
    const socket = connect(proxy.port, '127.0.0.1')
    const request = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: shop.example\r\n${more}\r\n`
    socket.write(request('/1') + request('/2') + request('/3', 'Connection: close\r\n'))
    let text = ''
    socket.setEncoding('latin1').on('data', (chunk) => {
      text += chunk
    })
    await once(socket, 'end')
    expect(text.match(/answer to \/\d/g)).toEqual(['answer to /1', 'answer to /2', 'answer to /3'])
    socket.destroy()
  })

  it('is one piece for the client', async () => {
    await using proxy = await startProxy(CONFIG)
    const socket = connect(proxy.port, '127.0.0.1')
    socket.write('GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n')
    const [chunk] = (await once(socket, 'data')) as [Buffer]
    expect(chunk.toString('latin1')).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\nhello$/)
    socket.destroy()
  })
})
