import { describe, expect, it } from 'vitest'
import { defineAlgorithm } from './algorithms/custom.ts'
import { checkName, compileRule, type RuleOptions } from './rule.ts'
import { CALL_RATES } from './state-identity.ts'

const custom = new Map([['mine', defineAlgorithm({ name: 'mine', words: 1, lua: 'function() end' })]])

describe('compileRule', () => {
  it.each<[RuleOptions | string, string]>([
    ['100/min', '1m sliding-window 60000000'],
    [{ limit: '100/min', segments: 2 }, '1m sliding-window 60000000'],
    [{ limit: '10/s', burst: 20 }, '1s bucket 1 100000 1'],
    [{ limit: '10/s', algorithm: 'token-bucket' }, '1s bucket 1 100000 1'],
    [{ limit: '10/s', algorithm: 'gcra' }, '1s bucket 1 100000 1'],
    [{ limit: '10/s', algorithm: 'leaky-bucket' }, '1s bucket 1 100000 1'],
    [{ limit: '5/15m', algorithm: 'sliding-log', name: 'login' }, 'login sliding-window 900000000'],
    [{ limit: '5/h', algorithm: 'fixed-window' }, '1h first-hit 3600000000'],
    [{ limit: '5/h', algorithm: 'fixed-window', align: 'epoch' }, '1h epoch 3600000000'],
    [{ limit: '5/day', algorithm: 'fixed-window', align: 'calendar' }, '1d calendar day UTC'],
    [
      { limit: '5/month', algorithm: 'fixed-window', align: 'calendar', timezone: 'Europe/Paris' },
      '30d calendar month Europe/Paris',
    ],
    [{ limit: '5/s', algorithm: 'mine', burst: 7 }, '1s mine 1000000 1'],
  ])('says whose state %j reads', (options, text) => {
    expect(compileRule(options, 'rule', { algorithms: custom }).identity.text).toBe(text)
  })

  it('knows a rate that came with a call, and under which name it counts', () => {
    const rule = compileRule('10/s', 'limit', { algorithms: custom, byCall: true, stateName: CALL_RATES })
    expect(rule).toMatchObject({
      name: '1s',
      byCall: true,
      identity: { name: '~', text: '~ sliding-window 1000000' },
    })
    expect(compileRule('10/s', 'rule').byCall).toBe(false)
  })

  it('says what decisions show of a rule', () => {
    const rule = compileRule({ name: 'fast', limit: '10/s', burst: 20 }, 'rule')
    expect(rule).toMatchObject({ name: 'fast', capacity: 20, limit: 10, windowMs: 1000, denies: false })
  })

  it.each(['sliding-window', 'token-bucket', 'sliding-log', 'fixed-window'])(
    'makes of a limit of 0 by %s a rule that denies',
    (algorithm) => {
      const rule = compileRule({ algorithm, limit: '0/min' }, 'rule')
      expect(rule).toMatchObject({
        name: '1m',
        denies: true,
        capacity: 0,
        limit: 0,
        windowMs: 60_000,
      })
    },
  )

  const cases: [options: unknown, code: string, path: string, message: RegExp][] = [
    [null, 'invalid-options', 'r', /null is not an object of name, algorithm/],
    [['10/s'], 'invalid-options', 'r', /an array is not an object of/],
    [{}, 'invalid-rule', 'r', /a rule needs a limit, such as limit: "100\/min"/],
    [{ limit: '1/s', limt: 2 }, 'invalid-options', 'r', /unknown field "limt" \(did you mean "limit"\?\)/],
    [{ limit: '1/s', name: 'a b' }, 'invalid-options', 'r.name', /"a b" is not a name; use up to 64 letters/],
    [{ limit: '1/s', name: 5 }, 'invalid-options', 'r.name', /5 is not a name/],
    [{ limit: 'many' }, 'invalid-rule', 'r.limit', /"many" is not a rate; write a whole number per window/],
    [{ limit: -1 }, 'invalid-rule', 'r.limit', /-1 is not a rate/],
    [
      { limit: '1/era' },
      'invalid-options',
      'r.limit',
      /"era" is not a duration from 1 ms to 100 years; write a whole number/,
    ],
    [{ limit: '1/s', burst: 0 }, 'invalid-rule', 'r.burst', /0 is not valid; burst is a whole number of 1/],
    [{ limit: '1/s', burst: 1.5 }, 'invalid-rule', 'r.burst', /1\.5 is not valid/],
    [{ limit: '1/s', burst: '5' }, 'invalid-rule', 'r.burst', /"5" is not valid/],
    [{ limit: '1/s', burst: 2 ** 53 }, 'invalid-rule', 'r.burst', /9007199254740992 is not valid/],
    [{ limit: '1/s', burst: null }, 'invalid-rule', 'r.burst', /null is not valid; burst/],
    [{ limit: null }, 'invalid-rule', 'r.limit', /null is not a rate/],
    [{ limit: '1/s', name: null }, 'invalid-options', 'r.name', /null is not a name/],
    [{ limit: '1/s', segments: null }, 'invalid-rule', 'r.segments', /null is not valid; segments/],
    [{ limit: '1/s', algorithm: null }, 'invalid-rule', 'r.algorithm', /null is not an algorithm/],
    [
      { limit: '1/s', segments: 1 },
      'invalid-rule',
      'r.segments',
      /segments is a whole number from 2 to 1000/,
    ],
    [{ limit: '1/s', segments: 1001 }, 'invalid-rule', 'r.segments', /whole number from 2 to 1000/],
    [{ limit: '1/s', segments: 1e9 }, 'invalid-rule', 'r.segments', /whole number from 2 to 1000/],
    [{ limit: '1/s', segments: Number.NaN }, 'invalid-rule', 'r.segments', /NaN is not valid/],
    [
      { limit: '1/s', algorithm: 'sliding-log', burst: 5 },
      'invalid-rule',
      'r.burst',
      /burst belongs to token-bucket, not to sliding-log; remove it or change the algorithm/,
    ],
    [
      { limit: '1/s', burst: 5, segments: 5 },
      'invalid-rule',
      'r.segments',
      /segments belongs to sliding-window, not to token-bucket/,
    ],
    [
      { limit: '1/s', align: 'epoch' },
      'invalid-rule',
      'r.align',
      /align belongs to fixed-window, not to sliding-window/,
    ],
    [
      { limit: '1/s', algorithm: 'fixed-window', timezone: 'UTC' },
      'invalid-rule',
      'r.timezone',
      /timezone belongs to fixed-window with align: calendar/,
    ],
    [
      { limit: '1/s', algorithm: 'fixed-window', align: 'calender' },
      'invalid-rule',
      'r.align',
      /"calender" is not an alignment; use first-hit, epoch or calendar/,
    ],
    [
      { limit: '1/s', algorithm: 'fixed' },
      'invalid-rule',
      'r.algorithm',
      /"fixed" is not an algorithm; known are token-bucket, gcra, .*sliding-log, mine/,
    ],
    [
      { limit: '1/s', algorithm: 'tokenBucket' },
      'invalid-rule',
      'r.algorithm',
      /"tokenBucket" is not an algorithm \(did you mean "token-bucket"\?\)/,
    ],
    [
      { limit: '1/s', algorithm: 'sliding_window' },
      'invalid-rule',
      'r.algorithm',
      /\(did you mean "sliding-window"\?\)/,
    ],
    [
      { limit: 100, window: '1m' },
      'invalid-options',
      'r',
      /unknown field "window"; write limit: { limit: 100, window: "1m" } or "100\/1m"/,
    ],
    [{ limit: { limit: 5, window: '1s', burst: 10 } }, 'invalid-options', 'r.limit', /unknown field "burst"/],
    [
      { limit: '1/s', algorithm: '__proto__' },
      'invalid-rule',
      'r.algorithm',
      /"__proto__" is not an algorithm/,
    ],
    [
      { limit: '1/15s', algorithm: 'fixed-window', align: 'calendar' },
      'invalid-rule',
      'r',
      /align: calendar needs a window of one calendar unit; write one minute/,
    ],
    [
      { limit: '1/d', algorithm: 'fixed-window', align: 'calendar', timezone: 'Mars/Base' },
      'invalid-rule',
      'r.timezone',
      /"Mars\/Base" is not a time zone; use an IANA name such as Europe\/Paris or UTC/,
    ],
    [{ limit: '9007199254740991/s' }, 'invalid-rule', 'r', /is above 2\^51; use a smaller limit/],
    [
      { limit: '9007199254740991/s', algorithm: 'token-bucket' },
      'invalid-rule',
      'r',
      /is too fine; use a smaller burst or limit/,
    ],
    [{ limit: '1001/s', algorithm: 'sliding-log' }, 'invalid-rule', 'r', /above 1000 use sliding-window/],
    [
      { limit: '9007199254740991/s', algorithm: 'fixed-window' },
      'invalid-rule',
      'r',
      /is above 2\^51; use a smaller limit/,
    ],
  ]

  it.each(cases)('refuses %j with its code, its path and the fix', (options, code, path, message) => {
    expect(() => compileRule(options as RuleOptions, 'r', { algorithms: custom })).toThrow(
      expect.objectContaining({ code, path, message: expect.stringMatching(message) }),
    )
  })
})

describe('checkName', () => {
  it.each(['a', 'A1', '9', 'per-second', 'v1/users_all.daily', 'x'.repeat(64)])('takes %s', (name) => {
    expect(checkName(name, 'name')).toBe(name)
  })

  it.each(['', '-a', '.a', '/a', '_a', 'a b', 'a\n', 'é', 'a{b}', "a'b", 'a]]', 'x'.repeat(65), '__proto__'])(
    'refuses %j',
    (name) => {
      expect(() => checkName(name, 'name')).toThrow(
        expect.objectContaining({ code: 'invalid-options', path: 'name' }),
      )
    },
  )
})
