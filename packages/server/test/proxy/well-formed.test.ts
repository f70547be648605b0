import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { request as undiciRequest } from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { randomOf, seedOfRun } from '../../../limiter/test/parity/random.ts'
import { rawClient, statusesOf } from './raw-client.ts'
import { WellFormed } from './well-formed.ts'

const CASES = 500

let wellFormed: WellFormed
beforeAll(async () => {
  wellFormed = await WellFormed.open()
})
afterAll(() => wellFormed[Symbol.asyncDispose]())

describe('requests as programs send them', () => {
  it('are all forwarded, each octet of them and of their responses', async () => {
    const seed = seedOfRun('well-formed requests', 1)
    for (let i = 0; i < CASES; i++) await wellFormed.once(randomOf(seed + i))
  })

  it('are forwarded in their order where one does not wait for the response before', async () => {
    const { proxy } = wellFormed
    const requests = Array.from({ length: 30 }, (_, i) =>
      i % 3 === 0
        ? `POST /${i} HTTP/1.1\r\nHost: shop.example\r\nContent-Length: ${`${i}`.length}\r\n\r\n${i}`
        : `GET /${i} HTTP/1.1\r\nHost: shop.example\r\n\r\n`,
    )
    proxy.seen.length = 0
    using client = await rawClient(proxy.port, requests.join(''))
    await expect.poll(() => statusesOf(client.text())).toEqual(Array(30).fill(200))
    expect(proxy.seen.map(({ url }) => url).sort()).toEqual(requests.map((_, i) => `/${i}`).sort())
    const bodies = [...client.text().matchAll(/\r\n\r\n(\d*)(?=HTTP|$)/g)].map(([, body]) => body)
    expect(bodies.filter((body) => body !== '')).toEqual(
      requests.flatMap((_, i) => (i % 3 === 0 && `${i}`.length === 2 ? [`${i}`] : [])),
    )
  })

  it('are forwarded from fetch and undici', async () => {
    const { proxy } = wellFormed
    const form = new FormData()
    form.append('file', new Blob([Buffer.alloc(100_000, 1)]), 'caf\u00e9 "1".bin')
    const sent = await fetch(`${proxy.url}/upload`, { method: 'POST', body: form })
    expect((await sent.arrayBuffer()).byteLength).toBe(proxy.seen.at(-1)?.body.length)
    const stream = new Blob(['streamed']).stream()
    const streamed = await fetch(proxy.url, { method: 'PUT', body: stream, duplex: 'half' } as RequestInit)
    expect(await streamed.text()).toBe('streamed')
    const { statusCode, body } = await undiciRequest(proxy.url, { method: 'PATCH', body: 'patch' })
    expect([statusCode, await body.text()]).toEqual([200, 'patch'])
  })

  it('are forwarded from curl', async () => {
    const { proxy } = wellFormed
    const curl = async (...args: string[]): Promise<string> =>
      (await promisify(execFile)('curl', ['-sS', '--max-time', '20', ...args])).stdout
    expect(await curl(`${proxy.url}/a`, '-d', 'x=1')).toBe('x=1')
    // Beyond 1 MiB it asks before it sends.
    expect(
      await curl(`${proxy.url}/a`, '-H', 'Expect: 100-continue', '--data-binary', 'y'.repeat(100_000)),
    ).toBe('y'.repeat(100_000))
    expect(await curl(`${proxy.url}/a`, '-F', 'a=b', '-w', '%{http_code}', '-o', '/dev/null')).toBe('200')
    expect(await curl(`${proxy.url}/a`, '-I')).toMatch(/^HTTP\/1\.1 200 /)
    expect(await curl(`${proxy.url}/a`, '--http2', '-d', 'x=2')).toBe('x=2')
    expect(await curl(`${proxy.url}/a`, '--http1.0', '-d', 'x=3')).toBe('x=3')
  })
})
