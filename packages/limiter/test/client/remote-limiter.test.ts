import { describe, expect, it, vi } from 'vitest'
import type { RemoteLimiter } from '../../src/client/remote-types.ts'
import { createLimiter } from '../../src/create-limiter.ts'
import { createRemoteLimiter } from '../../src/entries/client-node.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { decision, describeOverEach, remote, warnings } from './remotes.ts'
import { answering, ScriptedService } from './scripted-service.ts'

const problem = (code: string, more: object = {}) => ({
  type: '',
  title: '',
  status: 400,
  detail: 'why',
  code,
  ...more,
})

describeOverEach('a remote limiter', () => {
  it('sends who, cost, policy and rates, with the token, and passes the decision on as it is', async () => {
    await using service = await ScriptedService.start(answering(200, decision))
    const limiter = remote({ url: `${service.url}/`, token: 'abc.123' })
    const who = { user: 'alice', descriptor: [{ key: 'tenant', value: 'acme' }] }
    expect(await limiter.consume(who, { cost: 3, policy: 'api', limit: '5/min' })).toEqual(decision)
    expect(await limiter.peek('alice')).toEqual(decision)
    const { descriptor, ...attributes } = who
    expect(service.seen).toEqual([
      {
        line: 'POST /v1/consume',
        authorization: 'Bearer abc.123',
        body: { attributes, descriptor, cost: 3, policy: 'api', limit: '5/min', deadlineMs: 60_000 },
      },
      { line: 'POST /v1/peek', authorization: 'Bearer abc.123', body: { key: 'alice', deadlineMs: 60_000 } },
    ])
    expect(limiter.health()).toMatchObject({ lastFailure: null, decisions: { service: 2, onError: 0 } })
  })

  it('keeps what a limit means beside a key, and sends a rule with one', async () => {
    await using service = await ScriptedService.start(answering(200, decision))
    const limiter = remote({ url: service.url, deadlineMs: 50_000 })
    await limiter.consume('a', { limit: '5/min' })
    await limiter.consume('a', { rule: { limit: '5/min', burst: 9 } })
    expect(service.seen.map(({ body }) => body)).toEqual([
      { attributes: { key: 'a' }, limit: '5/min', deadlineMs: 50_000 },
      { key: 'a', limit: '5/min', burst: 9, deadlineMs: 50_000 },
    ])
    const windowed = limiter.consume('a', { rule: { limit: '5/min', segments: 5 } })
    await expect(windowed).rejects.toMatchObject({ code: 'invalid-options', path: 'options.rule.segments' })
    await expect(limiter.consume({ user: 'a' }, { rule: { limit: '5/min' } })).rejects.toMatchObject({
      path: 'options.rule',
    })
  })

  it('takes a denial for a value, whose wait it does not change', async () => {
    const denied = { ...decision, allowed: false, reason: 'limited', retryAfterMs: 1001, receipt: null }
    await using service = await ScriptedService.start(answering(429, denied))
    expect(await remote({ url: service.url }).consume('a')).toEqual(denied)
  })

  it('denies where the store of the service does not answer and a policy is closed', async () => {
    await using service = await ScriptedService.start(answering(503, problem('store-unavailable')))
    const limiter = remote({ url: service.url, onError: 'open' })
    expect(await limiter.consume('a')).toMatchObject({
      allowed: false,
      reason: 'store-unavailable',
      source: 'closed',
    })
    await expect(limiter.reset('a')).rejects.toMatchObject({ code: 'store-unavailable', detail: 'why' })
    expect(warnings).toEqual([])
  })

  it('rejects with the error of the service', async () => {
    await using service = await ScriptedService.start(
      answering(404, problem('unknown-policy', { path: 'policy' })),
    )
    const asked = remote({ url: service.url }).consume('a', { policy: 'nope' })
    await expect(asked).rejects.toMatchObject({ code: 'unknown-policy', path: 'policy', detail: 'why' })
  })

  it('asks for several decisions in one request', async () => {
    await using service = await ScriptedService.start(
      answering(200, { allowed: true, retryAfterMs: 0, decisions: [decision, decision] }),
    )
    const requests = [{ who: 'a' }, { who: { user: 'b' }, verb: 'peek' as const, cost: 2 }]
    const limiter = remote({ url: service.url })
    const heard: string[] = []
    limiter.on('decision', (_, { verb }) => heard.push(verb))
    expect((await limiter.decide(requests)).decisions).toEqual([decision, decision])
    expect(heard).toEqual(['consume', 'peek'])
    expect(service.seen[0]).toMatchObject({
      line: 'POST /v1/batch',
      body: {
        together: true,
        requests: [{ key: 'a' }, { attributes: { user: 'b' }, verb: 'peek', cost: 2 }],
      },
    })
  })

  it('tells listeners each decision, also one made in place of the service', async () => {
    await using service = await ScriptedService.start(answering(200, decision))
    const limiter = remote({ url: service.url })
    const heard: unknown[] = []
    const end = limiter.on('decision', ({ source }, { verb }) => heard.push([source, verb]))
    await limiter.consume('a')
    await service[Symbol.asyncDispose]()
    await limiter.peek('a')
    end()
    await limiter.consume('a')
    expect(heard).toEqual([
      ['store', 'consume'],
      ['open', 'peek'],
    ])
  })

  it('is closed for good, and a call under way with it', async () => {
    await using service = await ScriptedService.start(() => {})
    const limiter = remote({ url: service.url })
    const asked = limiter.consume('a')
    await expect.poll(() => service.seen.length).toBe(1)
    await limiter.close()
    await expect(asked).rejects.toMatchObject({ code: 'closed' })
    await expect(limiter.peek('a')).rejects.toMatchObject({ code: 'closed' })
    expect(warnings).toEqual([])
  })
})

describeOverEach('what is no answer of a service', () => {
  it.each([
    ['an error of its own', answering(500, problem('internal')), 'answered 500: why'],
    ['an end', answering(503, problem('closed')), 'stops: why'],
    ['a page', answering(200, '<html>'), 'answered 200 without a decision'],
    ['another API', answering(200, { allowed: 'yes' }), 'something else than a decision'],
    ['a denial by somebody else', answering(429, 'slow down'), 'answered 429 without a decision'],
    ['no access', answering(401, { error: 'token' }), 'answered 401 without a decision'],
    ['a code of the future', answering(400, problem('invalid-wish')), 'answered 400 without a decision'],
    ['too much', answering(200, 'x'.repeat(5_000_000)), 'answered more than 4194304 bytes'],
    [
      'half of it',
      (
        _: unknown,
        response: { destroy(): void; writeHead(status: number): { write(text: string): void } },
      ) => {
        response.writeHead(200).write('{')
        response.destroy()
      },
      'cannot be reached',
    ],
    [
      'a broken connection',
      (request: { socket: { destroy(): void } }) => request.socket.destroy(),
      /cannot be reached \((ECONNRESET|UND_ERR_SOCKET)\)/,
    ],
  ] as const)('%s: onError decides, and one warning says why', async (_, script, message) => {
    await using service = await ScriptedService.start(script as never)
    const limiter = remote({ url: service.url, token: 's3cret' })
    for (const _again of [1, 2]) {
      expect(await limiter.consume('a', { cost: 2 })).toMatchObject({
        allowed: true,
        reason: 'store-unavailable',
        source: 'open',
        cost: 2,
      })
    }
    // Sent once each, whatever became of it.
    expect(service.seen).toHaveLength(2)
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toMatchObject({
      code: 'HEADGATE_SERVICE_UNAVAILABLE',
      message: expect.stringMatching(message),
    })
    expect(JSON.stringify([warnings, limiter.health()])).not.toContain('s3cret')
    expect(limiter.health().lastFailure?.message).toMatch(message)
  })

  it('a redirect is not followed', async () => {
    await using other = await ScriptedService.start(answering(200, decision))
    await using service = await ScriptedService.start((_, response) => {
      response.writeHead(307, { location: other.url }).end()
    })
    const limiter = remote({ url: service.url, onError: 'closed' })
    expect(await limiter.consume('a')).toMatchObject({ allowed: false, source: 'closed', retryAfterMs: null })
    expect(other.seen).toEqual([])
    expect(warnings[0]?.message).toContain('answered 307, and redirects are not followed')
  })

  it('silence ends with the deadline, of the limiter or of the call', async () => {
    await using service = await ScriptedService.start(() => {})
    const limiter = remote({ url: service.url, deadlineMs: 20 })
    expect(await limiter.consume('a')).toMatchObject({ source: 'open' })
    expect(await limiter.peek('a', { deadlineMs: 5 })).toMatchObject({ source: 'open' })
    await expect(limiter.reset('a')).rejects.toMatchObject({
      code: 'store-unavailable',
      detail: expect.stringContaining('gave no answer within 20 ms'),
    })
    // Also what may be repeated is not, once its time is over.
    expect(service.seen.length).toBeLessThanOrEqual(3)
  })

  it('joint decisions have a stand-in as well', async () => {
    const limiter = remote({ url: 'http://127.0.0.1:9', onError: 'closed' })
    expect(await limiter.decide([{ who: 'a', cost: 2 }])).toMatchObject({
      allowed: false,
      decisions: [{ cost: 2, source: 'closed' }],
    })
    expect(await limiter.credit('a', 1)).toMatchObject({ credited: 0 })
  })
})

describeOverEach('a connection that breaks', () => {
  const breakingOnce = () => {
    let count = 0
    return ScriptedService.start((request, response) => {
      if (count++ === 0) request.socket.destroy()
      else if (request.url === '/v1/refund') response.end('{"refunded":2}')
      else if (request.url === '/v1/reset') response.end('{"policies":["api"]}')
      else response.end(JSON.stringify(decision))
    })
  }

  it.each([
    ['peek', (limiter: RemoteLimiter) => limiter.peek('a'), decision],
    ['refund', (limiter: RemoteLimiter) => limiter.refund('sealed'), 2],
    ['reset', (limiter: RemoteLimiter) => limiter.reset('a'), ['api']],
  ] as const)('%s is asked once more', async (_, ask, answer) => {
    await using service = await breakingOnce()
    expect(await ask(remote({ url: service.url }))).toEqual(answer)
    expect(service.seen).toHaveLength(2)
    expect(warnings).toEqual([])
  })

  it.each([
    ['consume', (limiter: RemoteLimiter) => limiter.consume('a')],
    ['charge', (limiter: RemoteLimiter) => limiter.charge('a', 1)],
    ['credit', (limiter: RemoteLimiter) => limiter.credit('a', 1)],
    ['decide', (limiter: RemoteLimiter) => limiter.decide([{ who: 'a' }])],
  ] as const)('%s is never sent twice', async (_, ask) => {
    await using service = await breakingOnce()
    expect(await ask(remote({ url: service.url }))).toMatchObject({ allowed: true })
    expect(service.seen).toHaveLength(1)
    expect(warnings).toHaveLength(1)
  })
})

describe('onError: a limiter', () => {
  it('decides with its own budgets, says so, and takes back what was spent there', async () => {
    const own = createLimiter({ limit: '2/h', store: memoryStore() })
    const limiter = remote({ url: 'http://127.0.0.1:9', onError: own })
    const first = await limiter.consume('a', { cost: 2 })
    expect(first).toMatchObject({ allowed: true, source: 'fallback', remaining: 0 })
    expect(await limiter.consume('a')).toMatchObject({
      allowed: false,
      reason: 'limited',
      source: 'fallback',
    })
    if (first.receipt === null) throw new Error('a spend has a receipt')
    expect(await limiter.refund(first.receipt)).toBe(2)
    expect((await limiter.decide([{ who: 'a' }, { who: 'b' }])).allowed).toBe(true)
    expect(limiter.health().decisions).toEqual({ service: 0, onError: 3 })
  })
})

describe('createRemoteLimiter', () => {
  it('reads URL and token from the environment', async () => {
    await using service = await ScriptedService.start(answering(200, decision))
    vi.stubEnv('HEADGATE_URL', service.url)
    vi.stubEnv('HEADGATE_TOKEN', 'from-env')
    await remote({}).consume('a')
    expect(service.seen[0]?.authorization).toBe('Bearer from-env')
  })

  it.each([
    [{}, 'needs the URL of the service; give url, or set HEADGATE_URL'],
    [{ url: 'redis://a' }, 'not a URL of a service; write http://127.0.0.1:8080'],
    [{ url: 'http://u:s3cret@a' }, 'a URL with a user or a password is not read; give token'],
    [{ url: 'http://a/?x=1' }, 'leave out ? and #'],
    [{ url: 'http://a', token: 's3cret\r\nhost: b' }, 'this is not a token'],
    [{ url: 'http://a', onError: 'local' }, '"local" is not valid; use open, closed or a limiter'],
    [{ url: 'http://a', deadlineMs: 0 }, '0 is not a number of milliseconds above 0'],
    [{ url: 'http://a', maxConnections: 0.5 }, '0.5 is not a whole number'],
    [{ url: 'http://a', deadline: 5 }, 'unknown field "deadline" (did you mean "deadlineMs"?)'],
  ])('refuses %j', (options, message) => {
    vi.stubEnv('HEADGATE_URL', '')
    expect(() => createRemoteLimiter(options as never)).toThrow(message)
    expect(() => createRemoteLimiter(options as never)).not.toThrow('s3cret')
  })

  it('refuses wrong calls before anything is sent', async () => {
    const limiter = remote({ url: 'http://127.0.0.1:9' })
    await expect(limiter.consume('a', { cost: -1 })).rejects.toMatchObject({ code: 'invalid-cost' })
    await expect(limiter.consume('a', { costs: 1 } as never)).rejects.toMatchObject({
      code: 'invalid-options',
    })
    await expect(limiter.refund({} as never)).rejects.toMatchObject({ code: 'invalid-receipt' })
    expect(limiter.health().lastFailure).toBeNull()
  })
})
