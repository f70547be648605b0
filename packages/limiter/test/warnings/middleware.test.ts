import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { NodeRateLimit } from '../../src/adapters/node.ts'
import { freshLibrary } from './fresh-library.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

/** The library of a process that has just begun, with the middleware of `headgate/node`. */
async function fresh() {
  const { codes } = await freshLibrary()
  return { codes, ...(await import('../../src/entries/node.ts')) }
}

/** Sends requests, one after the other, through what `limitedBy` returns for each; resolves to the statuses. */
async function statuses(
  limitedBy: () => NodeRateLimit,
  headers: Record<string, string>,
  count = 3,
): Promise<number[]> {
  const server = createServer((request, response) => {
    void Promise.resolve(limitedBy()(request, response)).then((passes) => passes && response.end())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const all: number[] = []
  for (let i = 0; i < count; i++) all.push((await fetch(url, { headers })).status)
  server.closeAllConnections()
  await new Promise((closed) => server.close(closed))
  return all
}

const forwarded = { 'X-Forwarded-For': '198.51.100.1' }

describe('middleware', () => {
  it('warns once of a proxy that nobody trusts, and limits all its clients as one', async () => {
    const { rateLimit, codes } = await fresh()
    const limited = rateLimit({ limit: '2/min' })
    expect(await statuses(() => limited, forwarded)).toEqual([200, 200, 429])
    expect(codes).toEqual(['HEADGATE_UNTRUSTED_PROXY'])
  })

  it('says nothing of a proxy that is trusted, nor where keys need no address', async () => {
    const { rateLimit, codes } = await fresh()
    const trusting = rateLimit({ limit: '5/min', trustedProxies: ['127.0.0.0/8'] })
    const keyed = rateLimit({ limit: '5/min', key: () => 'alice' })
    await statuses(() => trusting, forwarded)
    await statuses(() => keyed, forwarded)
    expect(codes).toEqual([])
  })

  it.each([
    ['a text', (request: IncomingMessage) => String(request.headers['x-client'])],
    ['a promise', async (request: IncomingMessage) => String(request.headers['x-client'])],
  ])('warns once of a key function that returns whole addresses of IPv6: %s', async (_, key) => {
    const { rateLimit, codes } = await fresh()
    const limited = rateLimit({ limit: '5/min', key })
    await statuses(() => limited, { 'X-Client': 'alice' })
    expect(codes).toEqual([])
    await statuses(() => limited, { 'X-Client': '2001:db8::1' })
    expect(codes).toEqual(['HEADGATE_UNGROUPED_IPV6'])
  })

  it('warns once where it is created for each request, and then limits nothing', async () => {
    const { rateLimit, codes } = await fresh()
    const all = await statuses(() => rateLimit({ limit: '1/min' }), {}, 110)
    expect(new Set(all)).toEqual(new Set([200]))
    expect(codes).toEqual(['HEADGATE_LIMITER_PER_REQUEST'])
  })

  it('says nothing where it is created once', async () => {
    const { rateLimit, codes } = await fresh()
    const limited = rateLimit({ limit: '200/min' })
    await statuses(() => limited, {}, 110)
    expect(codes).toEqual([])
  })
})
