import { describe, expect, it } from 'vitest'
import type { Decision, RuleView } from '../core/decision.ts'
import { rateLimitHeaders } from './rate-limit-headers.ts'

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

const denied = (numbers: Numbers = {}): Numbers => ({ remaining: 0, retryAfterMs: 1500, ...numbers })

describe('rateLimitHeaders', () => {
  const rows: [string, Decision, Record<string, string>][] = [
    [
      'lists the binding rule first and reports it',
      decision(view('daily', { limit: 1000, rate: { limit: 1000, windowMs: 86_400_000 } }), view('1m')),
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

  it('keeps 128 rules with long names within 2 KiB, the binding one among them', () => {
    const rules = Array.from({ length: 128 }, (_, i) => ({
      ...view(`${i}${'"'.repeat(60)}`, { limit: 2 ** 53 - 1 }),
      policy: '\\'.repeat(64),
    }))
    const given = slack({ ...decision(...rules), allowed: false, retryAfterMs: 2 ** 53 - 1 } as Decision)
    const headers = rateLimitHeaders(given, { headers: 'both', reset: 'epoch' })
    const bytes = Object.entries(headers).map(([field, value]) => `${field}: ${value}\r\n`.length)
    expect(bytes.reduce((sum, length) => sum + length)).toBeLessThanOrEqual(2048)
    const [item = ''] = String(headers['ratelimit']).split(';')
    expect(item).toContain('/127')
    expect(headers['ratelimit-policy']).toMatch(/^"(\\\\)+\/127/)
  })

  describe('in the legacy style', () => {
    const legacy = { headers: 'legacy', nowMs: 1_000_500 } as const
    it.each<[string, Decision, object, Record<string, string>]>([
      [
        'counts seconds from now',
        decision(view('1m')),
        legacy,
        { 'x-ratelimit-limit': '10', 'x-ratelimit-remaining': '9', 'x-ratelimit-reset': '6' },
      ],
      [
        'counts seconds since 1970',
        decision(view('1m')),
        { ...legacy, reset: 'epoch' },
        { 'x-ratelimit-limit': '10', 'x-ratelimit-remaining': '9', 'x-ratelimit-reset': '1007' },
      ],
      [
        'never tells a wait of 0',
        decision(view('1m', denied({ retryAfterMs: 1 }))),
        legacy,
        {
          'x-ratelimit-limit': '10',
          'x-ratelimit-remaining': '0',
          'x-ratelimit-reset': '1',
          'retry-after': '1',
        },
      ],
      [
        'has no reset after a denial for ever',
        decision(view('1m', denied({ retryAfterMs: null }))),
        legacy,
        { 'x-ratelimit-limit': '10', 'x-ratelimit-remaining': '0' },
      ],
      ['says nothing when nothing was judged', decision(), legacy, {}],
    ])('%s', (_, given, options, headers) => {
      expect(rateLimitHeaders(given, options)).toEqual(headers)
    })
  })

  it('has both styles, or only Retry-After, by option', () => {
    const given = decision(view('1m', denied()))
    expect(Object.keys(rateLimitHeaders(given, { headers: 'both' })).sort()).toEqual([
      'ratelimit',
      'ratelimit-policy',
      'retry-after',
      'x-ratelimit-limit',
      'x-ratelimit-remaining',
      'x-ratelimit-reset',
    ])
    expect(rateLimitHeaders(given, { headers: 'none' })).toEqual({ 'retry-after': '2' })
  })

  it.each([
    ['headers', 'x', '"x" is no style of fields; use draft, legacy, both or none'],
    ['headers', null, 'null is no style of fields; use draft, legacy, both or none'],
    ['reset', 'bad', '"bad" is neither delta nor epoch'],
    ['nowMs', Number.NaN, 'NaN is no time; use milliseconds since 1970'],
    ['nowMs', '0', '"0" is no time; use milliseconds since 1970'],
  ])('refuses as %s %j, whatever was decided', (path, value, detail) => {
    for (const given of [decision(), decision(view('1m')), decision(view('1m', denied()))]) {
      expect(() => rateLimitHeaders(given, { [path]: value })).toThrow(
        expect.objectContaining({ code: 'invalid-options', path, detail }),
      )
    }
  })
})
