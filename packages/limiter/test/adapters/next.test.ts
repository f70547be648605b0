import { describe, expect, it } from 'vitest'
import { type NextRequestFields, rateLimit } from '../../src/adapters/next.ts'

/** A request as Next makes it: one of the web, with fields. */
function nextRequest(path: string, cookies: Readonly<Record<string, string>> = {}): Request {
  const request = new Request(`http://shop.test${path}`)
  const fields: NextRequestFields = {
    cookies: {
      get: (name) => (cookies[name] === undefined ? undefined : { value: cookies[name] }),
    },
    nextUrl: new URL(request.url),
  }
  return Object.assign(request, fields)
}

/** What `NextResponse.next()` returns: the sign for Next to go on. */
const next = (): Response => new Response(null, { headers: { 'x-middleware-next': '1' } })

describe('a limit in Next', () => {
  it('is around a route handler, which gets its parameters', async () => {
    const GET = rateLimit({ limit: '1/hour', key: 'global' })(
      async (_request: Request, { params }: { params: Promise<{ id: string }> }) =>
        Response.json(await params),
    )
    const context = { params: Promise.resolve({ id: '7' }) }
    expect(await (await GET(nextRequest('/items/7'), context)).json()).toEqual({ id: '7' })
    expect((await GET(nextRequest('/items/7'), context)).status).toBe(429)
  })

  it('goes on in a proxy with the header fields of the limit, and answers there when it denies', async () => {
    const proxy = rateLimit({ limit: '1/hour', key: 'global' })(next)
    const first = await proxy(nextRequest('/items'))
    expect(first.headers.get('x-middleware-next')).toBe('1')
    expect(first.headers.get('ratelimit')).toMatch(/^"default\/1h";r=0;/)
    const denied = await proxy(nextRequest('/items'))
    expect(denied.status).toBe(429)
    expect(denied.headers.get('x-middleware-next')).toBe(null)
  })

  it('tells clients apart by a cookie, and skips by the path', async () => {
    const proxy = rateLimit({
      limit: '1/hour',
      key: ({ cookies }) => cookies.get('sid')?.value ?? 'nobody',
      skip: ({ nextUrl }) => nextUrl.pathname.startsWith('/health'),
    })(next)
    const statusOf = async (path: string, sid: string): Promise<number> =>
      (await proxy(nextRequest(path, { sid }))).status
    expect([await statusOf('/', 'a'), await statusOf('/', 'a'), await statusOf('/', 'b')]).toEqual([
      200, 429, 200,
    ])
    expect(await statusOf('/health', 'a')).toBe(200)
  })

  it('counts by the address in the field of the platform, and answers 400 where nobody knows it', async () => {
    const address = { trustedProxies: ['unix'], addressHeader: 'x-real-ip' }
    const proxy = rateLimit({ limit: '1/hour', ...address })(next)
    const statusFrom = async (fields: Record<string, string>): Promise<number> =>
      (await proxy(new Request('http://shop.test/', { headers: fields }))).status
    expect(await statusFrom({ 'x-real-ip': '192.0.2.1' })).toBe(200)
    expect(await statusFrom({ 'x-real-ip': '192.0.2.1' })).toBe(429)
    expect(await statusFrom({ 'x-real-ip': '192.0.2.2' })).toBe(200)
    expect(await statusFrom({})).toBe(400)
  })
})
