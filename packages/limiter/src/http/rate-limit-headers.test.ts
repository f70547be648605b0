import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Decision, RuleView } from '../core/decision.ts'
import type { HeaderOptions } from './header-options.ts'
import { compileHeaders, rateLimitHeaders } from './rate-limit-headers.ts'

const secret = 'a secret of a test'

type Numbers = Partial<Omit<RuleView, 'policy' | 'rule'>>

function view(rule: string, numbers: Numbers = {}): RuleView {
  const base = {
    limit: 10,
    rate: { limit: 10, windowMs: 60_000 },
    remaining: 9,
    retryAfterMs: 0,
    resetAfterMs: 6000,
  }
  return { policy: 'api', rule, ...base, ...numbers }
}

/** A decision that the last rule binds. */
function decision(...rules: RuleView[]): Decision {
  const binding = rules.at(-1)
  const allowed = binding === undefined || binding.retryAfterMs === 0
  return {
    allowed,
    reason: allowed ? 'within-limit' : 'limited',
    source: 'store',
    policy: binding?.policy ?? null,
    rule: binding?.rule ?? null,
    limit: binding?.limit ?? null,
    remaining: binding?.remaining ?? null,
    cost: 1,
    retryAfterMs: binding?.retryAfterMs ?? (allowed ? 0 : null),
    resetAfterMs: binding?.resetAfterMs ?? null,
    rules,
    shadow: [],
    receipt: null,
  } as Decision
}

/** A decision of a limiter whose timers fire up to 1 ms early. */
function slack(exact: Decision): Decision {
  return { ...exact, retryAfterMs: (exact.retryAfterMs ?? 0) + 1 } as Decision
}

/** Two policies, of which the one in minutes binds. */
const several = (): Decision =>
  decision(view('daily', { limit: 1000, rate: { limit: 1000, windowMs: 86_400_000 } }), view('1m'))

const denied = (numbers: Numbers = {}): Numbers => ({ remaining: 0, retryAfterMs: 1500, ...numbers })

describe('rateLimitHeaders', () => {
  const rows: [string, Decision, Record<string, string>][] = [
    [
      'lists the binding rule first and reports it',
      several(),
      {
        'ratelimit-policy': '"api/1m";q=10;w=60, "api/daily";q=1000;w=86400',
        ratelimit: '"api/1m";r=9;t=6',
      },
    ],
    [
      'gives the seconds in which a burst accrues',
      decision(view('b', { limit: 20, rate: { limit: 10, windowMs: 1000 } })),
      { 'ratelimit-policy': '"api/b";q=20;w=2', ratelimit: '"api/b";r=9;t=6' },
    ],
    [
      'rounds such seconds up',
      decision(view('b', { limit: 5, rate: { limit: 4, windowMs: 1000 } })),
      { 'ratelimit-policy': '"api/b";q=5;w=2', ratelimit: '"api/b";r=9;t=6' },
    ],
    [
      'does not round up what a division left over',
      decision(view('b', { limit: 3, rate: { limit: 3, windowMs: 7000 } })),
      { 'ratelimit-policy': '"api/b";q=3;w=7', ratelimit: '"api/b";r=9;t=6' },
    ],
    [
      'leaves out a window below one second',
      decision(view('b', { limit: 5, rate: { limit: 10, windowMs: 1000 } })),
      { 'ratelimit-policy': '"api/b";q=5', ratelimit: '"api/b";r=9;t=6' },
    ],
    [
      'rounds the wait of a denial up',
      decision(view('1m', denied())),
      { 'ratelimit-policy': '"api/1m";q=10;w=60', ratelimit: '"api/1m";r=0;t=2', 'retry-after': '2' },
    ],
    [
      'waits at least one second after a denial',
      decision(view('1m', denied({ retryAfterMs: 1 }))),
      { 'ratelimit-policy': '"api/1m";q=10;w=60', ratelimit: '"api/1m";r=0;t=1', 'retry-after': '1' },
    ],
    [
      'leaves out what timers of this process may lack',
      slack(
        decision(view('10s', { ...denied({ retryAfterMs: 10_000 }), rate: { limit: 1, windowMs: 10_000 } })),
      ),
      { 'ratelimit-policy': '"api/10s";q=10;w=100', ratelimit: '"api/10s";r=0;t=10', 'retry-after': '10' },
    ],
    [
      'waits for the store where no rule was judged',
      { ...decision(), allowed: false, retryAfterMs: 1000 } as Decision,
      { 'retry-after': '1' },
    ],
    [
      'promises nothing after a denial for ever',
      decision(view('1m', denied({ retryAfterMs: null, remaining: 10 }))),
      { 'ratelimit-policy': '"api/1m";q=10;w=60', ratelimit: '"api/1m";r=10' },
    ],
    [
      'leaves nothing to a key that is blocked, whatever its budget',
      {
        ...decision(view('1m', denied({ retryAfterMs: 600_000, remaining: 10 }))),
        reason: 'blocked',
      } as Decision,
      { 'ratelimit-policy': '"api/1m";q=10;w=60', ratelimit: '"api/1m";r=0;t=600', 'retry-after': '600' },
    ],
    [
      'shows a limit of 0 with its window',
      decision(
        view('1m', { limit: 0, rate: { limit: 0, windowMs: 60_000 }, remaining: 0, retryAfterMs: null }),
      ),
      { 'ratelimit-policy': '"api/1m";q=0;w=60', ratelimit: '"api/1m";r=0' },
    ],
    [
      'reports a fresh budget',
      decision(view('1m', { remaining: 10, resetAfterMs: 0 })),
      { 'ratelimit-policy': '"api/1m";q=10;w=60', ratelimit: '"api/1m";r=10;t=0' },
    ],
    [
      'caps integers at 15 digits',
      decision(
        view('1s', {
          limit: 2 ** 53 - 1,
          rate: { limit: 2 ** 53 - 1, windowMs: 1000 },
          remaining: 2 ** 53 - 1,
        }),
      ),
      { 'ratelimit-policy': '"api/1s";q=999999999999999;w=1', ratelimit: '"api/1s";r=999999999999999;t=6' },
    ],
    [
      'escapes names and replaces what a String cannot hold',
      decision({ ...view('a"b\\c'), policy: 'é' }),
      { 'ratelimit-policy': '"?/a\\"b\\\\c";q=10;w=60', ratelimit: '"?/a\\"b\\\\c";r=9;t=6' },
    ],
    ['says nothing when nothing was judged', decision(), {}],
  ]
  it.each(rows)('%s', (_, given, headers) => {
    expect(rateLimitHeaders(given)).toEqual(headers)
  })

  it('keeps 128 rules with long names within 2 KiB in all styles, the binding one among them', () => {
    const rules = Array.from({ length: 128 }, (_, i) => ({
      ...view(`${i}${'"'.repeat(60)}`, { limit: 2 ** 53 - 1 }),
      policy: '\\'.repeat(64),
    }))
    const given = slack({ ...decision(...rules), allowed: false, retryAfterMs: 2 ** 53 - 1 } as Decision)
    const more = { legacy: 'epoch', expose: true, partitionKey: { secret }, unit: '"'.repeat(64) } as const
    for (const options of [
      more,
      { legacy: 'epoch', expose: true, standard: 'draft-6' },
      { legacy: 'epoch', expose: true, standard: 'draft-7' },
    ] as const) {
      const headers = compileHeaders(options)(given, 'alice')
      const bytes = Object.entries(headers).map(([field, value]) => `${field}: ${value}\r\n`.length)
      expect(bytes.reduce((sum, length) => sum + length)).toBeLessThanOrEqual(2048)
    }
    const headers = compileHeaders(more)(given, 'alice')
    expect(headers['ratelimit']).toMatch(/^"(\\\\)+\/127/)
    expect(headers['ratelimit-policy']).toMatch(/^"(\\\\)+\/127/)
  })

  const styles: [string, Decision, HeaderOptions, Record<string, string>][] = [
    [
      'draft-7',
      several(),
      { standard: 'draft-7' },
      { ratelimit: 'limit=10, remaining=9, reset=6', 'ratelimit-policy': '10;w=60, 1000;w=86400' },
    ],
    [
      'draft-7 of a denial for ever',
      decision(view('1m', denied({ retryAfterMs: null }))),
      { standard: 'draft-7' },
      { ratelimit: 'limit=10, remaining=0', 'ratelimit-policy': '10;w=60' },
    ],
    [
      'draft-6',
      several(),
      { standard: 'draft-6' },
      {
        'ratelimit-limit': '10',
        'ratelimit-remaining': '9',
        'ratelimit-reset': '6',
        'ratelimit-policy': '10;w=60, 1000;w=86400',
      },
    ],
    [
      'a window below one second as 1 before draft 8',
      decision(view('b', { limit: 5, rate: { limit: 10, windowMs: 1000 } })),
      { standard: 'draft-7' },
      { ratelimit: 'limit=5, remaining=9, reset=6', 'ratelimit-policy': '5;w=1' },
    ],
    [
      'legacy fields in seconds from now',
      several(),
      { standard: false, legacy: true },
      {
        'x-ratelimit-limit': '10',
        'x-ratelimit-remaining': '9',
        'x-ratelimit-reset': '6',
        'x-ratelimit-policy': '10;w=60, 1000;w=86400',
      },
    ],
    [
      'legacy fields in seconds since 1970',
      decision(view('1m')),
      { standard: false, legacy: 'epoch' },
      {
        'x-ratelimit-limit': '10',
        'x-ratelimit-remaining': '9',
        'x-ratelimit-reset': '1007',
        'x-ratelimit-policy': '10;w=60',
      },
    ],
    [
      'a legacy wait that is never 0',
      decision(view('1m', denied({ retryAfterMs: 1 }))),
      { standard: false, legacy: 'delta' },
      {
        'x-ratelimit-limit': '10',
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': '1',
        'x-ratelimit-policy': '10;w=60',
        'retry-after': '1',
      },
    ],
    ['no legacy fields where nothing was judged', decision(), { standard: false, legacy: true }, {}],
    [
      'the unit, unless it is requests',
      decision(view('1m')),
      { unit: 'content-bytes' },
      { 'ratelimit-policy': '"api/1m";q=10;qu="content-bytes";w=60', ratelimit: '"api/1m";r=9;t=6' },
    ],
    [
      'no unit of requests',
      decision(view('1m')),
      { unit: 'requests' },
      { 'ratelimit-policy': '"api/1m";q=10;w=60', ratelimit: '"api/1m";r=9;t=6' },
    ],
    [
      'which fields scripts of other origins may read',
      decision(view('1m', denied())),
      { expose: true },
      {
        'ratelimit-policy': '"api/1m";q=10;w=60',
        ratelimit: '"api/1m";r=0;t=2',
        'retry-after': '2',
        'access-control-expose-headers': 'ratelimit-policy, ratelimit, retry-after',
      },
    ],
    ['no field to be read where there is none', decision(), { expose: true }, {}],
  ]
  it.each(styles)('writes %s', (_, given, options, headers) => {
    expect(compileHeaders(options, 'headers', () => 1_000_500)(given)).toEqual(headers)
  })

  it('writes both generations side by side, or only the wait of a denial', () => {
    const given = decision(view('1m', denied()))
    const both = Object.keys(rateLimitHeaders(given, { legacy: true }))
    expect(both.filter((field) => field.startsWith('x-ratelimit'))).toHaveLength(4)
    expect(both).toContain('ratelimit')
    expect(rateLimitHeaders(given, false)).toEqual({ 'retry-after': '2' })
    expect(rateLimitHeaders(given, { standard: false })).toEqual({ 'retry-after': '2' })
  })

  it.each<false | HeaderOptions>([
    false,
    {},
    { standard: 'draft-7' },
    { standard: 'draft-6' },
    { standard: false, legacy: 'delta' },
  ])('never tells a denied client to wait less than its wait, nor 0, with %j', (options) => {
    const write = compileHeaders(options)
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 40 }), (retryAfterMs) => {
        const fields = write(decision(view('1m', denied({ retryAfterMs }))))
        const wait = Number(fields['retry-after'])
        expect(wait * 1000).toBeGreaterThanOrEqual(retryAfterMs)
        expect((wait - 1) * 1000).toBeLessThan(retryAfterMs)
        const told = fields['ratelimit'] ?? fields['ratelimit-reset'] ?? fields['x-ratelimit-reset'] ?? ''
        if (told !== '') expect(Number(/\d+$/.exec(told)?.[0])).toBe(wait)
      }),
    )
  })

  describe('with a partition key', () => {
    const write = compileHeaders({ partitionKey: { secret } })
    const told = decision(view('daily'), view('1m'))

    it('sends 12 bytes of the HMAC-SHA-256 of the key with each policy', () => {
      fc.assert(
        fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (key) => {
          const hash = createHmac('sha256', secret).update(key).digest().subarray(0, 12).toString('base64')
          expect(write(told, key)).toEqual({
            'ratelimit-policy': `"api/1m";q=10;w=60;pk=:${hash}:, "api/daily";q=10;w=60;pk=:${hash}:`,
            ratelimit: `"api/1m";r=9;t=6;pk=:${hash}:`,
          })
        }),
      )
    })

    it('sends none where no key is known', () => {
      expect(write(told)).toEqual(rateLimitHeaders(told))
    })

    it('tells the same of a key after many others', () => {
      const before = write(told, 'alice')
      for (let i = 0; i < 2000; i++) write(told, `user ${i}`)
      expect(write(told, 'alice')).toEqual(before)
    })
  })

  it('follows a rule whose limit or name changes beside its rate', () => {
    const write = compileHeaders()
    const rate = Object.freeze({ limit: 10, windowMs: 60_000 })
    const policies = [view('1m', { rate }), view('1m', { rate, limit: 20 }), view('other', { rate })].map(
      (changed) => write(decision(changed))['ratelimit-policy'],
    )
    expect(policies).toEqual(['"api/1m";q=10;w=60', '"api/1m";q=20;w=120', '"api/other";q=10;w=60'])
  })

  it.each([
    ['', null, 'null is not an object of standard, legacy, partitionKey, unit, expose'],
    ['', true, 'true is not an object of standard, legacy, partitionKey, unit, expose'],
    ['', { legcy: true }, 'unknown field "legcy" (did you mean "legacy"?)'],
    [
      '.standard',
      { standard: 'draft-8' },
      '"draft-8" is no generation of fields (did you mean "draft-7"?), or false for none',
    ],
    ['.legacy', { legacy: 'iso' }, '"iso" is no style of legacy fields; use true, false, delta or epoch'],
    ['.expose', { expose: 1 }, '1 is neither true nor false'],
    [
      '.unit',
      { unit: 'é' },
      '"é" is no unit; use 1 to 64 characters of printable ASCII, such as content-bytes',
    ],
    [
      '.unit',
      { unit: 'tokens', standard: 'draft-7' },
      'only draft-11 has a place for it; leave it out, or use standard: draft-11',
    ],
    [
      '.partitionKey.secret',
      { partitionKey: { secret: 'too short' } },
      'is not a secret of at least 16 characters; draw one at random',
    ],
    ['.partitionKey', { partitionKey: 'x' }, '"x" is not an object of secret'],
  ])('refuses at start, at headers%s, %j', (path, options, detail) => {
    expect(() => compileHeaders(options as never)).toThrow(
      expect.objectContaining({ code: 'invalid-options', path: `headers${path}`, detail }),
    )
  })
})
