import { describe, expect, it } from 'vitest'
import { rateLimit } from '../../src/adapters/fetch.ts'
import type { Outcome } from '../../src/middleware/exchange.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { manualClock } from '../../src/testing/manual-clock.ts'

const request = (path = '/', init?: RequestInit): Request => new Request(`http://shop.test${path}`, init)
const limited = rateLimit({ limit: '9/hour', key: () => 'k' })

describe('a handler of web requests behind a limit', () => {
  it('gets what the platform passes, unchanged', async () => {
    const env = { KV: 1 }
    const context = { waitUntil() {} }
    const first = request()
    const seen: unknown[] = []
    const handler = limited((...given: unknown[]) => {
      seen.push(...given)
      return new Response()
    })
    await handler(first, env, context)
    expect(seen).toEqual([first, env, context])
    expect(seen[1]).toBe(env)
  })

  it('has its response passed on as the same object, and unread', async () => {
    const response = new Response('hello')
    const passed = await limited(() => response)(request())
    expect(passed).toBe(response)
    expect(passed.bodyUsed).toBe(false)
    expect(passed.headers.get('ratelimit')).toMatch(/^"default\/1h";r=\d;t=\d+$/)
  })

  it('may answer with headers that are immutable', async () => {
    const response = await limited(() => Response.redirect('http://shop.test/login', 303))(request())
    expect(response.status).toBe(303)
    expect(response.headers.get('location')).toBe('http://shop.test/login')
    expect(response.headers.get('ratelimit')).not.toBe(null)
  })

  it('may answer with nothing, as it does after an upgrade, or with a network error', async () => {
    expect(await limited(() => undefined)(request())).toBe(undefined)
    const error = Response.error()
    expect(await limited(() => error)(request())).toBe(error)
  })

  it('has what it spent settled where it answers with nothing, or with a network error', async () => {
    const ends: Outcome[] = []
    const charge = (outcome: Outcome): number => ends.push(outcome)
    const charging = rateLimit({ limit: '9/hour', key: 'global', charge })
    await charging(() => undefined)(request())
    await charging(() => Response.error())(request())
    expect(ends).toMatchObject([
      { status: 101, aborted: false },
      { status: 0, aborted: true },
    ])
  })

  it('has what it spent settled where its response takes long', async () => {
    const clock = manualClock()
    const store = memoryStore({ clock })
    const charging = rateLimit({ limit: '10/day', key: 'global', store, cost: 10, charge: () => 1 })
    const hours = charging(async () => {
      clock.advanceUs(23 * 3600e6)
      return new Response()
    })
    await hours(request())
    // A settlement in memory takes no more than the microtasks of a turn.
    await new Promise(setImmediate)
    const { headers } = await rateLimit({ limit: '10/day', key: 'global', store })(() => new Response())(
      request(),
    )
    expect(headers.get('ratelimit')).toMatch(/r=8;/)
  })

  it('has the last word on header fields', async () => {
    const own = (): Response => new Response('', { headers: { RateLimit: '"mine";r=7;t=1' } })
    const { headers } = await limited(own)(request())
    expect(headers.get('ratelimit')).toBe('"mine";r=7;t=1')
  })

  it('is asked about every call, also with a request that it has answered before', async () => {
    const once = rateLimit({ limit: '2/hour', key: 'global' })(() => new Response())
    const same = request()
    const statuses: number[] = []
    for (let i = 0; i < 4; i++) statuses.push((await once(same)).status)
    expect(statuses).toEqual([200, 200, 429, 429])
  })

  it('may answer denials with a status that has no body', async () => {
    const none = rateLimit({ limit: '0/hour', key: 'global', response: { status: 204, body: 'nothing' } })
    expect((await none(() => new Response())(request())).status).toBe(204)
  })
})

describe('the address of the peer', () => {
  const statusBy = async (...given: unknown[]): Promise<number> =>
    (await rateLimit({ limit: '1/hour' })(() => new Response())(request(), ...(given as []))).status

  it('is what Deno, Bun and the server of Hono tell', async () => {
    const bun = {
      address: '192.0.2.1',
      requestIP(): object {
        return { address: this.address }
      },
    }
    expect(await statusBy({ remoteAddr: { hostname: '192.0.2.1' } })).toBe(200)
    expect(await statusBy(bun)).toBe(200)
    expect(await statusBy({ incoming: { socket: { remoteAddress: '192.0.2.1' } } })).toBe(200)
  })

  it('is unknown elsewhere, and such a request is answered with 400', async () => {
    expect(await statusBy()).toBe(400)
    expect(await statusBy({ remoteAddr: { hostname: () => 'a stub' } })).toBe(400)
    expect(await statusBy({ requestIP: () => null })).toBe(400)
  })

  it('is what a function of the application says', async () => {
    const handler = rateLimit({ limit: '1/hour' })(
      (_request: Request, connection: { from: string }) => new Response(connection.from),
      (_request, connection) => connection.from,
    )
    const statusFrom = async (from: string): Promise<number> => (await handler(request(), { from })).status
    expect(await statusFrom('192.0.2.1')).toBe(200)
    expect(await statusFrom('192.0.2.1')).toBe(429)
    expect(await statusFrom('192.0.2.2')).toBe(200)
  })
})

describe('the end of a response that is settled', () => {
  const outcomes: Outcome[] = []
  const charged = rateLimit({
    limit: '99/hour',
    key: 'global',
    charge: (outcome) => {
      outcomes.push(outcome)
      return 1
    },
  })
  const outcomeOf = async (act: () => Promise<unknown>): Promise<Partial<Outcome> | undefined> => {
    outcomes.length = 0
    await act()
    await expect.poll(() => outcomes.length).toBe(1)
    const { durationMs, ...rest } = outcomes[0] as Outcome
    return rest
  }

  it('comes with the last byte', async () => {
    const response = await charged(() => new Response('12345'))(request())
    expect(outcomes).toEqual([])
    expect(await outcomeOf(() => response.text())).toEqual({ status: 200, aborted: false, bytes: 5 })
  })

  it('comes when the client cancels, with the bytes until then, and the source hears of it', async () => {
    let cancelled: unknown
    const body = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(10)),
      cancel(reason) {
        cancelled = reason
      },
    })
    const response = await charged(() => new Response(body))(request())
    const reader = (response.body as ReadableStream).getReader()
    await reader.read()
    expect(await outcomeOf(() => reader.cancel('gone'))).toEqual({ status: 200, aborted: true, bytes: 10 })
    expect(cancelled).toBe('gone')
  })

  it('comes when the source fails, and the reader hears of it', async () => {
    const body = new ReadableStream({ pull: (controller) => controller.error(new Error('no more')) })
    const response = await charged(() => new Response(body))(request())
    const read = (): Promise<unknown> => expect(response.text()).rejects.toThrow('no more')
    expect(await outcomeOf(read)).toEqual({ status: 200, aborted: true, bytes: 0 })
  })

  it('is at once where there is no body, or nobody reads it', async () => {
    const none = (): Promise<unknown> => charged(() => new Response(null, { status: 204 }))(request())
    expect(await outcomeOf(none)).toEqual({ status: 204, aborted: false, bytes: 0 })
    const head = (): Promise<unknown> =>
      charged(() => new Response('hello'))(request('/', { method: 'HEAD' }))
    expect(await outcomeOf(head)).toEqual({ status: 200, aborted: false, bytes: 0 })
  })

  it('is a failure where the handler throws, which is passed on', async () => {
    const thrown = (): Promise<unknown> =>
      expect(
        charged(() => {
          throw new Error('no handler')
        })(request()),
      ).rejects.toThrow('no handler')
    expect(await outcomeOf(thrown)).toEqual({ status: 500, aborted: false, bytes: 0 })
  })
})
