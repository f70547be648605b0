import { describe, expect, it } from 'vitest'
import { createLimiter } from '../create-limiter.ts'
import { byHeader } from '../http/identity-keys.ts'
import { policySource } from '../policies/source/policy-source.ts'
import type { ScriptLimiter } from '../script/script-limiter.ts'
import { memoryStore } from '../stores/memory/index.ts'
import { adaptive } from './adaptive-limit.ts'
import type { Exchange } from './exchange.ts'
import type { Gate } from './gate.ts'
import { rateLimitFor } from './rate-limit.ts'
import type { RateLimitOptions } from './rate-limit-options.ts'

interface Request {
  readonly user?: string
  readonly tenant?: string
  readonly signal?: AbortSignal
}

type Answer = { status: number; headers: Record<string, string> }

/** Middleware of a framework that there is not: it takes a request and tells the status and what was set. */
const rateLimit = rateLimitFor((gate: Gate<Request>) => async (request: Request): Promise<Answer> => {
  const headers: Record<string, string> = {}
  const exchange: Exchange<Request> = {
    request,
    identity: request,
    method: 'GET',
    target: '/',
    route: undefined,
    peer: '203.0.113.1',
    signal: request.signal,
    header: (name) => (name === 'x-tenant' ? request.tenant : undefined),
    getHeader: (name) => headers[name],
    setHeader: (name, value) => {
      headers[name] = value
    },
    onEnd: () => {},
  }
  const answer = await gate.pass(exchange)
  return answer === null ? { status: 200, headers } : { status: answer.status, headers: answer.headers }
})

/** A script that says by its keys whether a request passes. */
function scriptBy(allows: (keys: readonly string[]) => boolean): ScriptLimiter {
  return {
    load: async () => {},
    async run(keys) {
      const allowed = allows(keys)
      const reason = allowed ? 'within-limit' : 'limited'
      return { allowed, reason, source: 'store', headers: {}, extra: [], error: null }
    },
  }
}

async function failing(): Promise<never> {
  throw new Error('rejected')
}

function throwing(): never {
  throw new Error('thrown')
}

async function statuses(middleware: (request: Request) => Promise<Answer>, count: number): Promise<number[]> {
  const all: number[] = []
  for (let i = 0; i < count; i++) all.push((await middleware({})).status)
  return all
}

describe('defaults', () => {
  it('apply where a call does not say otherwise', async () => {
    const limited = rateLimit.defaults({ response: { status: 420 }, headers: false })
    const [own, changed] = [limited({ limit: '0/min' }), limited({ limit: '0/min', response: 'text' })]
    expect(await own({})).toEqual({ status: 420, headers: expect.not.objectContaining({ ratelimit: '' }) })
    expect((await changed({})).status).toBe(429)
  })

  it('go behind the limiter by name, and that behind the call', async () => {
    const limited = rateLimit.defaults({
      limit: '3/hour',
      cost: 2,
      limiters: { login: { limit: '5/hour', cost: 3 } },
    })
    expect(await statuses(limited({}), 2)).toEqual([200, 429])
    expect(await statuses(limited('login'), 2)).toEqual([200, 429])
    expect(await statuses(limited('login', { cost: 2, name: 'other' }), 3)).toEqual([200, 200, 429])
  })

  it('share the budget of a limiter by name between all of its uses', async () => {
    const limited = rateLimit.defaults({
      limiters: { login: { limit: '2/hour' }, other: { limit: '1/hour' } },
    })
    const [a, b] = [limited('login'), limited('login', { response: 'text' })]
    expect((await a({})).status).toBe(200)
    expect((await b({})).status).toBe(200)
    expect((await a({})).status).toBe(429)
    expect((await limited('other')({})).status).toBe(200)
  })

  it('name a limiter in header fields as it is named there', async () => {
    const limited = rateLimit.defaults({ limiters: { login: { limit: '2/hour' } } })
    expect((await limited('login')({})).headers['ratelimit-policy']).toBe('"login/1h";q=2;w=3600')
  })

  it('may have policies, or a limiter that exists, by name', async () => {
    const policies = [{ name: 'p', key: 'ip', rules: ['1/hour'] }]
    const limiter = createLimiter({ limit: '1/hour', key: 'ip' })
    const limited = rateLimit.defaults({ limiters: { several: { policies }, shared: { limiter } } })
    expect(await statuses(limited('several'), 2)).toEqual([200, 429])
    expect(await statuses(limited('shared'), 2)).toEqual([200, 429])
    const { headers } = await limited('several', { limit: '2/hour' })({})
    expect(headers['ratelimit-policy']).toBe('"several/1h";q=2;w=3600')
  })

  it('of defaults add to them', async () => {
    const limited = rateLimit
      .defaults({ limiters: { a: { limit: '1/hour' } }, response: { status: 420 } })
      .defaults({ limiters: { b: { limit: '0/hour' } } })
    expect((await limited('a')({})).status).toBe(200)
    expect((await limited('b')({})).status).toBe(420)
  })

  it('give way to policies, a limiter or another limit of the call', async () => {
    const limited = rateLimit.defaults({ limit: 9, window: '1h', store: memoryStore() })
    const policies = [{ name: 'p', key: 'ip', rules: ['1/hour'] }]
    expect(await statuses(limited({ policies }), 2)).toEqual([200, 429])
    const limiter = createLimiter({ limit: '1/hour', key: 'ip' })
    expect(await statuses(limited({ limiter }), 2)).toEqual([200, 429])
    expect(await statuses(limited({ limit: '1/hour' }), 2)).toEqual([200, 429])
  })

  it('leave names of attributes out for a script, which has none', async () => {
    const limited = rateLimit.defaults({ key: 'user', response: { status: 420 } })
    expect((await limited({ script: scriptBy(() => false) })({})).status).toBe(420)
  })

  it('refuse a name that they do not have, and suggest one', () => {
    const limited = rateLimit.defaults({ limiters: { login: { limit: '1/min' } } })
    expect(() => limited('logn')).toThrow(
      'there is no limiter "logn" in the defaults (did you mean "login"?)',
    )
    expect(() => rateLimit('__proto__')).toThrow('there is no limiter "__proto__" in the defaults')
  })
})

describe('defaults with a typo', () => {
  it.each([
    [{ limt: '1/s' }, 'defaults: unknown field "limt" (did you mean "limit"?)'],
    [{ limiters: { login: { limt: '1/s' } } }, 'defaults.limiters.login: unknown field "limt"'],
    [{ limiters: { login: '1/s' } }, 'defaults.limiters.login: "1/s" is not an object'],
    [{ limiters: ['1/s'] }, 'defaults.limiters: an array is no map'],
  ])('are refused: %j', (defaults, message) => {
    expect(() => rateLimit.defaults(defaults as never)).toThrow(message)
  })
})

describe('the options of a middleware', () => {
  it.each<[unknown, string]>([
    [undefined, 'options'],
    [{}, 'options: a limit is missing'],
    [{ limit: 100 }, 'options.limit: 100 needs a window'],
    [{ limit: '1/min', window: '1m' }, 'options.window: "1m" is beside a limit that has its own'],
    [{ limit: '5', window: '1m' }, 'options.limit: "5" is a number as a text'],
    [{ limit: null }, 'options.limit: null is no limit'],
    [{ max: 5, windowMs: 1000 }, 'options.max: here it is called limit'],
    [{ limit: '1/min', keyGenerator: () => 'a' }, 'options.keyGenerator: here it is called key'],
    [{ limit: '1/min', response: { headers: { a: 'b\nc' } } }, 'options.response.headers.a'],
    [{ limt: '1/min' }, 'unknown field "limt" (did you mean "limit"?)'],
    [{ limit: '1/min', skip: true }, 'options.skip: true is not a function'],
    [{ limit: '1/min', skipFailed: 'yes' }, 'options.skipFailed: "yes" is not true or false'],
    [{ limit: '1/min', cost: -1 }, '-1 is not a cost'],
    [{ limit: '1/min', response: 'html' }, 'options.response: "html" is no response'],
    [{ limit: '1/min', response: { status: 99 } }, 'options.response.status: 99'],
    [{ limit: '1/min', response: { headers: { 'bad name': 'x' } } }, 'options.response.headers: "bad name"'],
    [
      { limit: '1/min', response: { headers: { 'Content-Length': '3' } } },
      '"Content-Length" is not the name',
    ],
    [{ limit: '1/min', response: { headers: { 'x-a': 'a\r\nx-b: c' } } }, 'options.response.headers.x-a'],
    [{ limit: '1/min', headers: 'draft-8' }, 'options.headers'],
    [{ limit: '1/min', trustedProxies: ['everybody'] }, 'options.trustedProxies[0]'],
    [{ limit: '1/min', skipFailed: true, skipSuccessful: true }, 'options.skipFailed: with skipSuccessful'],
    [{ limit: '1/min', slowDown: '1s', charge: () => 1 }, 'options.slowDown'],
    [{ limit: '1/min', enabled: 'maybe' }, 'options.enabled'],
    [{ limit: '1/min', policies: [] }, 'limit and policies are both there'],
    [{ limit: '1/min', limiter: createLimiter({ limit: '1/min' }) }, 'options.limit: a limiter that exists'],
    [{ limit: () => '1/min', burst: 3 }, 'options.burst: a computed limit has no burst of its own'],
    [{ limit: '1/min', logLevel: 'loud' }, 'options.logLevel: "loud" is no level'],
    [{ limit: '1/min', onStoreError: 'maybe' }, 'options.onStoreError'],
    [{ limit: '1/min', key: ['ip', 7] }, 'options.key: 7 is no attribute'],
    [{ limit: '1/min', key: 'user' }, 'options.key: "user" is no attribute that every request has'],
    [
      { policies: [{ name: 'p', rules: ['1/s'] }], key: 'ip' },
      'options.key: policies have keys of their own',
    ],
    [{ limiter: 'api' }, 'options.limiter: "api" is no limiter'],
    [{ limiter: { policies: { list: async () => [] } } }, 'options.limiter: an object is no limiter'],
    [{ script: 'return 1' }, 'options.script: "return 1" is not a script limiter'],
    [{ script: {}, limit: '1/min' }, 'unknown field "limit"'],
  ])('%o is refused', (options, message) => {
    expect(() => rateLimit(options as RateLimitOptions<Request>)).toThrow(message)
  })

  it('count a request once that passes the same middleware twice', async () => {
    const limited = rateLimit({ limit: '1/hour' })
    const request = {}
    expect((await limited(request)).status).toBe(200)
    expect((await limited(request)).status).toBe(200)
    expect((await limited({})).status).toBe(429)
  })

  it('answer 503 while the limits of a key cannot be loaded', async () => {
    const load = async (): Promise<never> => Promise.reject(new Error('the database is away'))
    const policies = policySource({ key: (a) => a['key'], load })
    const limited = rateLimit({ policies, key: () => 'alice' })
    const { status, headers } = await limited({})
    expect([status, headers['retry-after']]).toEqual([503, '1'])
  })

  it('ignore fields that are undefined', async () => {
    const options = { limit: '1/hour', window: undefined, key: undefined, cost: undefined, skip: undefined }
    expect(await statuses(rateLimit(options as never), 2)).toEqual([200, 429])
  })

  it('refuse requests without the key that their policies want, but not for a mistake in attributes', async () => {
    const policies = [{ name: 'p', key: 'user', missing: 'refuse' as const, rules: ['9/hour'] }]
    const attributes = ({ user }: Request) => ({ user })
    expect((await rateLimit({ policies, attributes })({})).status).toBe(400)
    expect((await rateLimit({ policies, attributes })({ user: 'ada' })).status).toBe(200)
    const source = policySource({ key: ({ user }) => user, load: () => '9/hour' })
    expect((await rateLimit({ policies: source, attributes })({})).status).toBe(400)
    const wrong = { user: { name: 'ada' } } as never
    await expect(rateLimit({ policies, attributes })(wrong)).rejects.toMatchObject({ code: 'invalid-key' })
  })

  it('may compute limits of calendar windows', async () => {
    const limited = rateLimit({ algorithm: 'fixed-window', align: 'calendar', limit: () => '1/month' })
    expect(await statuses(limited, 2)).toEqual([200, 429])
  })

  it('name a function that computes no limit', async () => {
    const limited = rateLimit({ limit: () => undefined as never })
    await expect(limited({})).rejects.toThrow('options.limit(): undefined is no limit')
  })

  it.each<[string, object]>([
    ['cost', { limit: '1/hour', key: failing, cost: throwing }],
    ['limit', { limit: throwing, cost: failing }],
    ['key', { limit: '1/hour', attributes: failing, key: throwing }],
    ['args', { script: { run: throwing }, key: failing, args: throwing }],
  ])(
    'tell what %s throws where a promise of another function rejects as well, which nobody awaits',
    async (_, options) => {
      const unheard: unknown[] = []
      const listener = (reason: unknown): number => unheard.push(reason)
      process.on('unhandledRejection', listener)
      await expect(rateLimit(options as RateLimitOptions<Request>)({})).rejects.toThrow('thrown')
      // Rejections are told as unheard behind the microtasks of a turn.
      await new Promise(setImmediate)
      process.off('unhandledRejection', listener)
      expect(unheard).toEqual([])
    },
  )

  it('may name the keys of a script by header fields; two of one are a mistake of the client', async () => {
    const script = scriptBy((keys) => keys.join() === 'x-tenant=acme')
    const limited = rateLimit({ script, key: byHeader('x-tenant') })
    expect((await limited({ tenant: 'acme' })).status).toBe(200)
    expect((await limited({ tenant: 'other' })).status).toBe(429)
    expect((await limited({ tenant: 'acme, other' })).status).toBe(400)
    expect(
      (await rateLimit({ script: scriptBy((keys) => keys.join() === '~i203.0.113.1') })({})).status,
    ).toBe(200)
  })

  it('take an adaptive limit of a calendar window', async () => {
    const limit = adaptive({ limit: '1/day', min: 1, target: '1s' })
    const limited = rateLimit({ limit, algorithm: 'fixed-window', align: 'calendar' })
    expect(await statuses(limited, 2)).toEqual([200, 429])
  })

  it('keep what a policy answers out of caches', async () => {
    const response = { status: 403, body: 'no' }
    const limited = rateLimit({ policies: [{ name: 'p', key: 'ip', rules: ['0/hour'], response }] })
    expect(await limited({})).toMatchObject({ status: 403, headers: { 'cache-control': 'no-store' } })
  })

  it('take a client that goes away while its request waits for no failure of the application', async () => {
    const abort = new AbortController()
    const limited = rateLimit({ limit: '1/hour', slowDown: '2h' })
    await limited({})
    const waiting = limited({ signal: abort.signal })
    abort.abort()
    expect((await waiting).status).toBe(400)
    await limited.limiter.close()
  })

  it('give the limiter that decides, to reset and to close', async () => {
    const limited = rateLimit({ limit: '1/hour', key: (request: Request) => request.user })
    const alice = { user: 'alice' }
    expect((await limited({ ...alice })).status).toBe(200)
    expect((await limited({ ...alice })).status).toBe(429)
    await limited.limiter.reset('alice')
    expect((await limited({ ...alice })).status).toBe(200)
    await limited.limiter.close()
  })

  it.each<[string, RateLimitOptions<Request>]>([
    ['by default', {}],
    ['by a key of attributes', { key: ['ip'] }],
    ['with a list', { deny: { ip: '198.51.100.0/24' } }],
    ['for who has no key', { key: () => undefined }],
  ])('give a limiter that knows clients by { ip }: %s', async (_, options) => {
    const limited = rateLimit({ limit: '1/hour', ...options })
    const { limiter } = limited
    const who = { ip: '::ffff:203.0.113.1' }
    expect((await limited({})).status).toBe(200)
    expect((await limiter.peek(who)).allowed).toBe(false)
    expect((await limited({})).status).toBe(429)
    await limiter.reset(who)
    expect((await limited({})).status).toBe(200)
    await limiter.reset(who)
    await limiter.block(who, '1h')
    expect((await limited({})).status).toBe(429)
    await limiter.unblock(who)
    expect((await limited({})).status).toBe(200)
  })

  it.each<[string, RateLimitOptions<Request>]>([
    ['by default', { limit: '1/hour' }],
    ['of policies', { policies: [{ name: 'a', key: 'ip', rules: ['1/hour'] }] }],
  ])('give a limiter that hashes keys, and count clients all the same: %s', async (_, options) => {
    const limited = rateLimit({ ...options, hashKeys: { secret: 'a secret of a test, 32 bytes long' } })
    expect((await limited({})).status).toBe(200)
    expect((await limited({})).status).toBe(429)
    const [{ key } = { key: '' }] = limited.limiter.policies.keysOf({ ip: '203.0.113.1' })
    expect(key).toMatch(/^~h/)
    expect(await limited.limiter.reset({ ip: '203.0.113.1' })).toHaveLength(1)
    expect((await limited({})).status).toBe(200)
  })

  it('give a limiter that takes plain addresses in any spelling where it counts by them', async () => {
    const limited = rateLimit({ limit: '1/hour' })
    await limited({})
    expect(await limited.limiter.consume('::ffff:203.0.113.1')).toMatchObject({ allowed: false })
    const [joint] = (await limited.limiter.decide([{ who: { ip: '203.0.113.1' } }])).decisions
    expect(joint?.allowed).toBe(false)
    const { policies } = limited.limiter
    expect(policies.keysOf('::ffff:203.0.113.1')).toEqual(policies.keysOf({ ip: '203.0.113.1' }))
    expect(await limited.limiter.consume('alice')).toMatchObject({ allowed: true })
  })

  describe('with policies that change at run time', () => {
    const one = { rules: ['1/hour'] }

    it.each<[string, RateLimitOptions<Request>]>([
      ['that counts addresses', {}],
      ['that counts keys of a function', { key: () => 'alice' }],
    ])('reads what they look at, of a limit %s', async (_, options) => {
      const limited = rateLimit({ limit: '9/hour', ...options })
      expect(await statuses(limited, 2)).toEqual([200, 200])
      limited.limiter.policies.set({ name: 'new', key: ['ip', 'method'], ...one })
      expect(await statuses(limited, 2)).toEqual([200, 429])
      limited.limiter.policies.replace([{ name: 'default', ...one }])
      expect(await statuses(limited, 1)).toEqual([429])
      limited.limiter.policies.replace([], { deny: { ip: '203.0.113.0/24' } })
      expect(await statuses(limited, 1)).toEqual([429])
    })

    it('answers as they say', async () => {
      const limited = rateLimit({ policies: [{ name: 'p', key: 'ip', ...one, response: { status: 418 } }] })
      expect(await statuses(limited, 2)).toEqual([200, 418])
      limited.limiter.policies.set({ name: 'p', key: 'ip', ...one, headers: { 'x-p': '1' } })
      expect(await limited({})).toMatchObject({ status: 429, headers: { 'x-p': '1' } })
    })

    it('takes a mistake for no change', async () => {
      const limited = rateLimit({ limit: '9/hour' })
      expect(() => limited.limiter.policies.set({ name: 'p', rules: [] })).toThrow('rules: a list of 0')
      expect(await statuses(limited, 1)).toEqual([200])
    })
  })

  it('write a line for denials, none for what passes, and nothing of whose they are', async () => {
    const lines: unknown[] = []
    const logger = { error: lines.push, info: (...line: unknown[]) => lines.push(line), debug: lines.push }
    const limited = rateLimit({ limit: '1/hour', logLevel: 'info', logger })
    await statuses(limited, 2)
    const fields = {
      reason: 'limited',
      source: 'store',
      policy: 'default',
      rule: '1h',
      retryAfterMs: 3600001,
    }
    expect(lines).toEqual([
      [expect.objectContaining({ ...fields, retryAfterMs: expect.any(Number) }), 'rate limit: denied'],
    ])
    expect(JSON.stringify(lines)).not.toContain('203.0.113.1')
  })
})
