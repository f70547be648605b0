import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { type ManualClock, manualClock } from '../testing/manual-clock.ts'
import { type RateLimitedFetchOptions, rateLimitedFetch } from './rate-limited-fetch.ts'

type Answer = readonly [status: number, headers?: Record<string, string>]

/** A request that a server got. */
interface Seen {
  readonly method: string
  readonly body: string
  /** Seconds on the clock since the test began. */
  readonly at: number
}

const cleanUps: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp()
})

/** A server that gives these answers, the last one from then on. */
async function serve(clock: ManualClock, ...answers: readonly Answer[]) {
  const seen: Seen[] = []
  const began = clock.now()
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => (body += chunk))
    request.on('end', () => {
      const [status, headers] = answers[Math.min(seen.length, answers.length - 1)] as Answer
      seen.push({ method: request.method ?? '', body, at: (clock.now() - began) / 1e6 })
      response.writeHead(status, headers).end(`${status}`)
    })
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  cleanUps.push(async () => {
    server.closeAllConnections()
    await new Promise((closed) => server.close(closed))
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  return { url, seen, times: () => seen.map(({ at }) => at) }
}

function client(options: RateLimitedFetchOptions = {}): { fetch: typeof fetch; clock: ManualClock } {
  const clock = manualClock()
  return { fetch: rateLimitedFetch(fetch, { clock, ...options }), clock }
}

/** Moves the clock on while anything waits for it, until the call is over. */
async function settled(call: Promise<Response>, clock: ManualClock): Promise<Response> {
  let isOver = false
  const over = (): void => {
    isOver = true
  }
  call.then(over, over)
  while (!isOver) {
    await setImmediate()
    if (clock.pending > 0) clock.advance('1s')
  }
  return call
}

/** Waits until a call waits for the clock. */
async function waiting(clock: ManualClock): Promise<void> {
  while (clock.pending === 0) await setImmediate()
}

const limited = (seconds: number): Answer => [429, { 'retry-after': String(seconds) }]

describe('rateLimitedFetch', () => {
  it('sends nothing after the last unit until its time is over', async () => {
    const { fetch, clock } = client()
    const { url, times } = await serve(clock, [200, { ratelimit: '"a";r=0;t=3' }], [200])
    await fetch(url)
    const next = [fetch(url), fetch(`${url}other`, { method: 'POST' })]
    await waiting(clock)
    expect(times()).toEqual([0])
    await settled(
      Promise.all(next).then(([first]) => first as Response),
      clock,
    )
    expect(times()).toEqual([0, 3, 3])
  })

  it('goes on where units are left, or no time is told', async () => {
    const { fetch, clock } = client()
    const { url, times } = await serve(
      clock,
      [200, { ratelimit: '"a";r=1;t=3' }],
      [200, { ratelimit: '"a";r=0' }],
    )
    for (let i = 0; i < 3; i++) await fetch(url)
    expect(times()).toEqual([0, 0, 0])
  })

  it.each<[number, Record<string, string>]>([
    [429, { 'retry-after': '3' }],
    [503, { 'retry-after': '3' }],
    [429, { ratelimit: '"a";r=2;t=3' }],
    [429, { ratelimit: '"a";r=0;t=9', 'retry-after': '3' }],
  ])('sends a request again when the server has said, after %j', async (status, headers) => {
    const { fetch, clock } = client()
    const { url, times } = await serve(clock, [status, headers], [200])
    expect((await settled(fetch(url), clock)).status).toBe(200)
    expect(times()).toEqual([0, 3])
  })

  it.each<[number, Record<string, string>]>([
    [429, {}],
    [503, {}],
    [500, { 'retry-after': '3' }],
    [301, { 'retry-after': '3' }],
    [200, { 'retry-after': '3' }],
  ])('resolves at once to %j, which is no refusal with a time', async (status, headers) => {
    const { fetch, clock } = client()
    const { url, times } = await serve(clock, [status, headers])
    expect((await fetch(url)).status).toBe(status)
    await fetch(url)
    expect(times()).toEqual([0, 0])
  })

  it.each([0, 1, 4])('gives up after %i retries, with the last refusal', async (retries) => {
    const { fetch, clock } = client({ retries })
    const { url, times } = await serve(clock, limited(2))
    const response = await settled(fetch(url), clock)
    expect([response.status, await response.text()]).toEqual([429, '429'])
    expect(times()).toEqual(Array.from({ length: retries + 1 }, (_, i) => i * 2))
  })

  it('asks again at once where the time is 0, and no more often than else', async () => {
    const { fetch, clock } = client()
    const { url, times } = await serve(clock, limited(0))
    expect((await fetch(url)).status).toBe(429)
    expect(times()).toEqual([0, 0, 0])
  })

  const stream = (): ReadableStream => new Blob(['text']).stream()
  it.each<[string, RequestInit & { duplex?: 'half' }]>([
    ['a method that is not idempotent', { method: 'POST', body: 'text' }],
    ['a body that is a stream', { method: 'PUT', body: stream(), duplex: 'half' }],
  ])('sends once what has %s, and holds what follows', async (_, init) => {
    const { fetch, clock } = client()
    const { url, times } = await serve(clock, limited(3), [200])
    expect((await fetch(url, init)).status).toBe(429)
    await settled(fetch(url), clock)
    expect(times()).toEqual([0, 3])
  })

  it('sends the stream of a Request once', async () => {
    const { fetch, clock } = client()
    const { url, seen } = await serve(clock, limited(3))
    expect((await fetch(new Request(url, { method: 'PUT', body: 'text' }))).status).toBe(429)
    expect(seen.map(({ body }) => body)).toEqual(['text'])
  })

  it.each([
    ['a text', 'text'],
    ['bytes', new TextEncoder().encode('text')],
    ['a Blob', new Blob(['text'])],
  ])('sends the same body again: %s', async (_, body) => {
    const { fetch, clock } = client({ methods: ['post'] })
    const { url, seen } = await serve(clock, limited(3), [200])
    await settled(fetch(url, { method: 'POST', body }), clock)
    expect(seen).toMatchObject([
      { method: 'POST', body: 'text' },
      { method: 'POST', body: 'text' },
    ])
  })

  it('sends a Request without a body again', async () => {
    const { fetch, clock } = client()
    const { url, seen } = await serve(clock, limited(3), [200])
    const response = await settled(fetch(new Request(url, { method: 'DELETE' })), clock)
    expect([response.status, seen.map(({ method }) => method)]).toEqual([200, ['DELETE', 'DELETE']])
  })

  it('does not wait longer than maxWait, over all waits of a call', async () => {
    const { fetch, clock } = client({ maxWait: '5s', retries: 9 })
    const { url, times } = await serve(clock, limited(2))
    expect((await settled(fetch(url), clock)).status).toBe(429)
    expect(times()).toEqual([0, 2, 4])
  })

  it('answers itself, without a wait, where a server has asked for more than maxWait', async () => {
    const { fetch, clock } = client({ maxWait: '5s' })
    const { url, times } = await serve(clock, [503, { 'retry-after': '60' }], [200])
    expect(await (await fetch(url)).text()).toBe('503')
    clock.advance('20500ms')
    const own = await fetch(url, { method: 'POST' })
    expect([own.status, own.headers.get('retry-after')]).toEqual([503, '40'])
    expect(await own.text()).toBe(`Not sent: ${new URL(url).origin} has asked for 40 s without requests.\n`)
    clock.advance('35500ms')
    expect((await settled(fetch(url), clock)).status).toBe(200)
    expect(times()).toEqual([0, 60])
  })

  it('finds out after maxWait whether something is back of what a server has said is all spent', async () => {
    const { fetch, clock } = client({ maxWait: '5s' })
    const { url, times } = await serve(clock, [200, { ratelimit: '"day";r=0;t=86400' }])
    await fetch(url)
    await settled(fetch(url), clock)
    await settled(fetch(url), clock)
    expect(times()).toEqual([0, 5, 10])
  })

  it('is not shortened by an answer that was overtaken', async () => {
    const { fetch, clock } = client({ retries: 0 })
    const { url, times } = await serve(clock, limited(9), limited(1), [200])
    await Promise.all([fetch(url), fetch(url)])
    await settled(fetch(url), clock)
    expect(times()).toEqual([0, 0, 9])
  })

  it('holds back one origin, and no other', async () => {
    const { fetch, clock } = client({ retries: 0 })
    const held = await serve(clock, limited(9))
    const free = await serve(clock, [200])
    await fetch(held.url)
    await fetch(new URL(free.url))
    expect([held.times(), free.times()]).toEqual([[0], [0]])
  })

  it('holds back the origin that refused behind a redirect, and not the one that sent it there', async () => {
    const { fetch, clock } = client()
    const refusing = await serve(clock, limited(999_999))
    const sending = await serve(clock, [302, { location: refusing.url }], [200])
    expect((await fetch(sending.url)).status).toBe(429)
    expect((await fetch(sending.url)).status).toBe(200)
    expect((await fetch(refusing.url)).headers.get('retry-after')).toBe('3600')
    expect([sending.times(), refusing.times()]).toEqual([[0, 0], [0]])
  })

  it('goes through a redirect again when the time of its target is over', async () => {
    const { fetch, clock } = client()
    const refusing = await serve(clock, limited(3), [200])
    const sending = await serve(clock, [307, { location: refusing.url }])
    expect((await settled(fetch(sending.url), clock)).status).toBe(200)
    expect([sending.times(), refusing.times()]).toEqual([
      [0, 3],
      [0, 3],
    ])
  })

  it('holds back the origin that was asked where a response does not say whose it is', async () => {
    const clock = manualClock()
    const answers = [new Response(null, { status: 429, headers: { 'retry-after': '60' } }), new Response()]
    const own = rateLimitedFetch(async () => answers.shift() as Response, { clock })
    await own('http://a/')
    expect([(await own('http://a/')).status, (await own('http://b/')).status]).toEqual([429, 200])
  })

  it('asks again after an hour, whatever time a server has asked for', async () => {
    const { fetch, clock } = client()
    const { url, times } = await serve(clock, [503, { 'retry-after': '31536000' }], [200])
    expect((await fetch(url)).status).toBe(503)
    expect((await fetch(url)).headers.get('retry-after')).toBe('3600')
    clock.advance('1h')
    expect((await fetch(url)).status).toBe(200)
    expect(times()).toEqual([0, 3600])
  })

  it.each([
    ['of the call', (url: string, signal: AbortSignal) => ({ input: url, init: { signal } })],
    [
      'of a Request',
      (url: string, signal: AbortSignal) => ({ input: new Request(url, { signal }), init: {} }),
    ],
  ])('rejects with the reason of a signal %s while it waits, and leaves no timer', async (_, callOf) => {
    const { fetch, clock } = client()
    const { url, times } = await serve(clock, limited(9))
    const controller = new AbortController()
    const { input, init } = callOf(url, controller.signal)
    const call = fetch(input, init)
    await waiting(clock)
    controller.abort(new Error('enough'))
    await expect(call).rejects.toThrow('enough')
    expect([clock.pending, times()]).toEqual([0, [0]])
    await expect(fetch(url, { signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow('before')
  })

  it('rejects as fetch does', async () => {
    const { fetch, clock } = client()
    await expect(fetch('no url')).rejects.toThrow(TypeError)
    const { url } = await serve(clock, [200])
    for (const cleanUp of cleanUps.splice(0)) await cleanUp()
    await expect(fetch(url)).rejects.toThrow(TypeError)
  })

  it.each([
    [{ retries: -1 }, 'options.retries: -1 is not a whole number of retries'],
    [{ methods: 'GET' }, `options.methods: "GET" is not a list of methods; pass one such as ['GET']`],
    [{ maxWait: 'long' }, 'options.maxWait: "long" is not a duration from 1 ms to 100 years'],
    [{ clock: {} }, 'options.clock: an object is not a clock'],
    [{ retry: 1 }, 'options: unknown field "retry"'],
  ])('refuses %j at start', (options, message) => {
    expect(() => rateLimitedFetch(fetch, options as never)).toThrow(message)
  })

  it('refuses at start what is no fetch', () => {
    expect(() => rateLimitedFetch(undefined as never)).toThrow(
      'send: undefined is not a function; pass fetch',
    )
  })
})
