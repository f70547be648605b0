import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Decision, RuleView } from '../core/decision.ts'
import type { HeaderOptions } from './header-options.ts'
import { parseRateLimit, type RateLimitReport, type ResponseFields } from './parse-rate-limit.ts'
import { compileHeaders } from './rate-limit-headers.ts'

const NOW = Date.parse('2026-01-01T00:00:00Z')

const nothing: RateLimitReport = {
  policies: [],
  policy: null,
  limit: null,
  remaining: null,
  resetAfterMs: null,
  retryAfterMs: null,
}

const unnamed = { name: null, unit: 'requests', partitionKey: null, remaining: null, resetAfterMs: null }

function fail(): never {
  throw new Error('not to be read')
}

/** The binding limit of a report, in the words of a decision. */
function numbers({ policy, limit, remaining, resetAfterMs, retryAfterMs }: RateLimitReport): unknown[] {
  return [policy, limit, remaining, resetAfterMs, retryAfterMs]
}

describe('parseRateLimit', () => {
  const rows: [string, ResponseFields, unknown[]][] = [
    [
      'draft 8 and later, the limit nearest to its end',
      {
        'ratelimit-policy': '"permin";q=50;w=60,"perhr";q=1000;w=3600',
        ratelimit: '"perhr";r=30;t=900, "permin";r=10;t=7',
      },
      ['permin', 50, 10, 7000, null],
    ],
    [
      'of two limits with nothing left the one that lasts longer',
      { ratelimit: '"a";r=0;t=1, "b";r=0;t=9' },
      ['b', null, 0, 9000, null],
    ],
    [
      'a limit without a reset, and the wait beside it',
      { RateLimit: '"default";r=0;pk=:dHJpYWw=:', 'Retry-After': '5' },
      ['default', null, 0, null, 5000],
    ],
    [
      'blanks behind semicolons, as express-rate-limit writes them',
      { ratelimit: '"2-in-1min"; r=1; t=60', 'ratelimit-policy': '"2-in-1min"; q=2; w=60; pk=:MTJj:' },
      ['2-in-1min', 2, 1, 60_000, null],
    ],
    [
      'draft 7',
      { ratelimit: 'limit=100, remaining=50, reset=30', 'ratelimit-policy': '10;w=1, 100;w=60' },
      [null, 100, 50, 30_000, null],
    ],
    [
      'draft 4 to 6',
      {
        'ratelimit-limit': '100',
        'ratelimit-remaining': '50',
        'ratelimit-reset': '30',
        'ratelimit-policy': '100;w=60, 1000;w=3600',
      },
      [null, 100, 50, 30_000, null],
    ],
    [
      'draft 0 to 3, with policies behind the limit',
      {
        'ratelimit-limit': '100, 100;w=60;comment="fair use", 1000;w=3600',
        'ratelimit-remaining': '50',
        'ratelimit-reset': '30',
      },
      [null, 100, 50, 30_000, null],
    ],
    [
      'legacy fields with seconds from now',
      { 'X-RateLimit-Limit': 100, 'X-RateLimit-Remaining': 0, 'X-RateLimit-Reset': 30 },
      [null, 100, 0, 30_000, null],
    ],
    [
      'legacy fields with seconds since 1970',
      {
        'x-ratelimit-limit': '100',
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': String(NOW / 1000 + 30),
      },
      [null, 100, 0, 30_000, null],
    ],
    [
      'legacy fields with milliseconds since 1970',
      { 'x-rate-limit-remaining': '0', 'x-rate-limit-reset': String(NOW + 30_500) },
      [null, null, 0, 30_500, null],
    ],
    [
      'legacy fields with a date',
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '2026-01-01T01:00:30+01:00' },
      [null, null, 0, 30_000, null],
    ],
    [
      'the newest of several generations',
      {
        ratelimit: '"new";r=3',
        'ratelimit-remaining': '2',
        'x-ratelimit-remaining': '1',
        'x-ratelimit-limit': '5',
      },
      ['new', null, 3, null, null],
    ],
    [
      'Retry-After as a date',
      { 'retry-after': 'Thu, 01 Jan 2026 00:01:00 GMT' },
      [null, null, null, null, 60_000],
    ],
    [
      'Retry-After as a date of the past',
      { 'retry-after': 'Wed, 31 Dec 2025 00:00:00 GMT' },
      [null, null, null, null, 0],
    ],
    [
      'Retry-After as a date of asctime',
      { 'retry-after': 'Thu Jan  1 00:01:00 2026' },
      [null, null, null, null, 60_000],
    ],
    [
      'Retry-After as a date of RFC 850',
      { 'retry-after': 'Thursday, 01-Jan-26 00:01:00 GMT' },
      [null, null, null, null, 60_000],
    ],
    [
      'the longest of several Retry-After',
      { 'retry-after': ['5', 'Thu, 01 Jan 2026 00:01:00 GMT', 'soon', '10', 'Thu Jan  1 00:00:30 2026'] },
      [null, null, null, null, 60_000],
    ],
    [
      'the one Retry-After of several that is valid',
      { 'retry-after': 'soon, 5' },
      [null, null, null, null, 5000],
    ],
    [
      'nothing left where a server has counted on below 0',
      { 'x-ratelimit-remaining': '-5', 'x-ratelimit-reset': '7' },
      [null, null, 0, 7000, null],
    ],
    ['a fraction in Retry-After, rounded up', { 'retry-after': '1.5' }, [null, null, null, null, 1500]],
    [
      'dates by the clock of the server',
      {
        date: 'Thu, 01 Jan 2026 12:00:00 GMT',
        'retry-after': 'Thu, 01 Jan 2026 12:00:09 GMT',
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': String(NOW / 1000 + 12 * 3600 + 7),
      },
      [null, null, 0, 7000, 9000],
    ],
    [
      'no limit of a response from a cache, and of its wait what is left',
      { age: '20', ratelimit: '"a";r=0;t=60', 'x-ratelimit-remaining': '0', 'retry-after': '30' },
      [null, null, null, null, 10_000],
    ],
    ['limits with an age of 0', { age: '0', ratelimit: '"a";r=0;t=60' }, ['a', null, 0, 60_000, null]],
    [
      'several lines of one field',
      { 'ratelimit-policy': ['"a";q=5', '"b";q=6'], ratelimit: ['"a";r=4', '"b";r=2'] },
      ['b', 6, 2, null, null],
    ],
  ]
  it.each(rows)('tells %s', (_, headers, expected) => {
    expect(numbers(parseRateLimit(headers, NOW))).toEqual(expected)
    const fields = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)])
    expect(numbers(parseRateLimit(new Headers(fields), NOW))).toEqual(expected)
  })

  it('tells every policy, the binding one first, with what is known of it', () => {
    const { policies } = parseRateLimit({
      'ratelimit-policy': '"day";q=1000;w=86400, "peruser";q=65535;qu="content-bytes";w=10;pk=:c2Rm:',
      ratelimit: '"peruser";r=12;pk=:c2Rm:',
    })
    expect(policies).toEqual([
      {
        name: 'peruser',
        limit: 65_535,
        windowMs: 10_000,
        unit: 'content-bytes',
        partitionKey: 'c2Rm',
        remaining: 12,
        resetAfterMs: null,
      },
      { ...unnamed, name: 'day', limit: 1000, windowMs: 86_400_000 },
    ])
  })

  it('tells two budgets of one policy apart by their partition keys', () => {
    const { policies } = parseRateLimit({
      'ratelimit-policy': '"a";q=10;pk=:YQ==:, "a";q=20;pk=:Yg==:',
      ratelimit: '"a";r=5;pk=:Yg==:',
    })
    expect(policies.map(({ partitionKey, limit, remaining }) => [partitionKey, limit, remaining])).toEqual([
      ['Yg==', 20, 5],
      ['YQ==', 10, null],
    ])
  })

  it.each<[ResponseFields]>([
    [{ 'ratelimit-policy': '10;w=1, 100;w=60', ratelimit: 'limit=100, remaining=50' }],
    [{ 'ratelimit-limit': '100, 10;w=1, 100;w=60', 'ratelimit-remaining': '50' }],
    [{ 'x-ratelimit-limit': '100', 'x-ratelimit-remaining': '50', 'x-ratelimit-policy': '10;w=1, 100;w=60' }],
  ])('finds the window of a limit without a name, of %j', (headers) => {
    expect(parseRateLimit(headers).policies).toEqual([
      { ...unnamed, limit: 100, windowMs: 60_000, remaining: 50 },
      { ...unnamed, limit: 10, windowMs: 1000 },
    ])
  })

  it.each<ResponseFields>([
    {},
    { ratelimit: '' },
    { ratelimit: 'a;r=1' },
    { ratelimit: '"a"' },
    { ratelimit: '"a";r=-1' },
    { ratelimit: '"a";r=1.5' },
    { ratelimit: '"a";r="1"' },
    { ratelimit: '"a";r=1,' },
    { ratelimit: 'limit=5, reset=3' },
    { 'ratelimit-policy': '"a";w=5' },
    { 'x-ratelimit-limit': 'many', 'x-ratelimit-remaining': '-', 'x-ratelimit-reset': 'soon' },
    { 'x-ratelimit-reset': '30' },
    { 'retry-after': '-5' },
    { 'retry-after': 'soon' },
    { 'retry-after': 'soon, -5' },
    { 'retry-after': 'Thu Jan 99 00:01:00 2026' },
    { 'retry-after': 'Thu, 99 Jan 2026 00:01:00 GMT' },
    { 'retry-after': undefined },
  ])('tells nothing of %j', (headers) => {
    expect(parseRateLimit(headers, NOW)).toEqual(nothing)
  })

  it.each<[string, unknown]>([
    ['null', null],
    ['undefined', undefined],
    ['a text', 'retry-after: 5'],
    ['a number', 5],
    ['a field without a name', { '': '5' }],
    ['fields of a prototype', Object.create({ 'retry-after': '5' })],
    ['fields of values of other types', { 'retry-after': { valueOf: () => 5 }, ratelimit: Symbol('r=5') }],
    ['a get that gives other types', { get: () => ({ r: 5 }) }],
    ['a get that throws', { get: () => fail() }],
    ['a getter of get that throws', Object.defineProperty({}, 'get', { get: fail })],
    ['a proxy that throws', new Proxy({}, { get: fail, ownKeys: fail })],
  ])('tells nothing of %s', (_, headers) => {
    expect(parseRateLimit(headers as ResponseFields, NOW)).toEqual(nothing)
  })

  it('tells what can be read beside a field that throws', () => {
    const headers = Object.defineProperty({ 'Retry-After': '5' }, 'ratelimit', {
      get: fail,
      enumerable: true,
    })
    expect(numbers(parseRateLimit(headers))).toEqual([null, null, null, null, 5000])
  })

  it('reads the first 100 policies and limits, however many there are', () => {
    const names = Array.from({ length: 20_000 }, (_, i) => `"${i}"`)
    const { policies } = parseRateLimit({
      'ratelimit-policy': names.map((name) => `${name};q=9`).join(),
      ratelimit: names.map((name) => `${name};r=5`).join(),
    })
    expect(policies.map(({ name, limit, remaining }) => [name, limit, remaining])).toEqual(
      Array.from({ length: 100 }, (_, i) => [`${i}`, 9, 5]),
    )
  })

  it('takes no time that is malformed for one, and keeps the rest', () => {
    const headers = { ratelimit: '"a";r=1;t=soon', 'x-ratelimit-reset': 'soon' }
    expect(numbers(parseRateLimit(headers))).toEqual(['a', null, 1, null, null])
  })

  const fields = [
    'ratelimit',
    'ratelimit-policy',
    'ratelimit-limit',
    'ratelimit-remaining',
    'ratelimit-reset',
  ]
  const names = [...fields, ...fields.slice(2).map((name) => `x-${name}`), 'retry-after', 'date', 'age']
  const piece = fc.constantFrom(
    '"a"',
    ';r=1',
    ';t=9',
    ';q=5',
    ';w=60',
    'limit=5',
    'remaining=1',
    ', ',
    '100',
    '999999999999999',
    '1767225600',
    '-1',
    ';pk=:YQ==:',
    'Thu, 01 Jan 2026 00:01:00 GMT',
    '"',
  )
  const value = fc.oneof(
    fc.string(),
    fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join('')),
    fc.array(fc.string(), { maxLength: 3 }),
    fc.nat(),
    fc.constant(undefined),
  )

  it('never throws, and tells whole numbers of at least 0 or nothing, whatever comes', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), value), fc.integer(), (headers, nowMs) => {
        const { policies, ...rest } = parseRateLimit(headers, nowMs)
        for (const told of [rest, ...policies]) {
          const values = Object.values(told).filter((one) => typeof one === 'number')
          expect(values.every((one) => Number.isSafeInteger(one) && one >= 0)).toBe(true)
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('what compileHeaders writes, read again', () => {
  const view: fc.Arbitrary<RuleView> = fc.record({
    policy: fc.stringMatching(/^[\w"\\ -]{1,20}$/),
    rule: fc.stringMatching(/^[\w.-]{1,9}$/),
    limit: fc.integer({ min: 0, max: 1e9 }),
    rate: fc.record({
      limit: fc.integer({ min: 1, max: 1e6 }),
      windowMs: fc.integer({ min: 1000, max: 86_400_000 }),
    }),
    remaining: fc.integer({ min: 0, max: 1e9 }),
    retryAfterMs: fc.option(fc.integer({ min: 0, max: 1e9 })),
    resetAfterMs: fc.integer({ min: 0, max: 1e9 }),
  })
  const decision = fc
    .uniqueArray(view, { minLength: 1, maxLength: 3, selector: ({ policy, rule }) => `${policy}/${rule}` })
    .map((rules) => {
      const { policy, rule, limit, remaining, retryAfterMs, resetAfterMs } = rules.at(-1) as RuleView
      const allowed = retryAfterMs === 0
      const all = rules.map((one) => ({ ...one, retryAfterMs }))
      const told = { policy, rule, limit, remaining, retryAfterMs, resetAfterMs, rules: all }
      return { allowed, source: 'store', cost: 1, shadow: [], receipt: null, ...told } as unknown as Decision
    })
  const seconds = (ms: number | null): number | null => (ms === null ? null : Math.ceil(ms / 1000) * 1000)

  it.each<HeaderOptions>([
    {},
    { unit: 'tokens', partitionKey: { secret: 'a secret of a test' } },
    { standard: 'draft-7' },
    { standard: 'draft-6' },
    { standard: false, legacy: 'delta' },
    { standard: false, legacy: 'epoch' },
    { legacy: 'epoch', expose: true },
  ])('tells what the decision told, with %j', (options) => {
    const write = compileHeaders(options, 'headers', () => NOW)
    fc.assert(
      fc.property(decision, (given) => {
        const { allowed, policy, rule, limit, remaining, retryAfterMs, resetAfterMs } = given
        const report = parseRateLimit(write(given, 'alice'), NOW)
        const name = (options.standard ?? 'draft-11') === 'draft-11' ? `${policy}/${rule}` : null
        const reset = seconds(allowed ? resetAfterMs : retryAfterMs)
        expect(numbers(report)).toEqual([
          name,
          limit,
          remaining,
          reset,
          allowed ? null : seconds(retryAfterMs),
        ])
        expect(report.policies).toHaveLength(given.rules.length)
        expect(report.policies[0]?.unit).toBe(options.unit ?? 'requests')
      }),
    )
  })
})
