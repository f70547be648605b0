/** Hazards I-10 to I-16 and I-20 to I-29: what attackers and mistakes pass in, on memory and on a real Redis. */
import { describe, expect, it } from 'vitest'
import type { Limiter } from '../../src/core/limiter.ts'
import type { PolicyOptions } from '../../src/core/policy-options.ts'
import type { Store } from '../../src/core/store.ts'
import { createLimiter } from '../../src/create-limiter.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { redisStore } from '../../src/stores/redis/index.ts'
import { sharedMemoryStore } from '../../src/stores/shared-memory/index.ts'
import { redisForTests } from '../redis-for-tests.ts'

const LIMIT = 10

const redis = redisForTests()

const badCosts: [unknown, string][] = [
  [-1, '-1'],
  [Number.NaN, 'NaN'],
  [Number.POSITIVE_INFINITY, 'Infinity'],
  [Number.NEGATIVE_INFINITY, '-Infinity'],
  [1.5, '1.5'],
  [Number.MIN_VALUE, '5e-324'],
  ['5', '"5"'],
  ['0x10', '"0x10"'],
  ['nan', '"nan"'],
  [1e21, '1e+21'],
  [2 ** 53, '9007199254740992'],
  [2 ** 63, '9223372036854776000'],
  [null, 'null'],
  [5n, '5n'],
  [true, 'true'],
  [[5], 'an array'],
  [{ valueOf: () => 5 }, 'an object'],
]

const badKeys: [string, unknown][] = [
  ['an empty text', ''],
  ['more than a million characters', 'x'.repeat(1_000_001)],
  ['an array', ['alice']],
  ['half a number', 1.5],
  ['a number', 5],
  ['null', null],
  ['undefined', undefined],
  ['true', true],
]

const goodKeys: [string, string][] = [
  ['one megabyte', 'm'.repeat(1_000_000)],
  ['one megabyte, but for the end', `${'m'.repeat(999_999)}n`],
  ['NUL', 'a\0b'],
  ['a text that NUL would cut', 'a'],
  ['a newline', 'a\nb'],
  ['CRLF of the protocol', 'a\r\nFLUSHALL\r\n'],
  ['braces', '{a}b'],
  ['empty braces', '{}'],
  ['a closing brace', '}a{'],
  ['a glob', '*'],
  ['a space', 'a b'],
  ['a colon', 'a:b'],
  ['an escape', '%7b'],
  ['a brace as that escape', '{'],
  ['a hash sign', '#x'],
  ['an escaped hash sign', '%23x'],
  ['a tilde', '~g'],
  ['Lua', "']] redis.call('FLUSHALL')"],
  ['__proto__', '__proto__'],
  ['constructor', 'constructor'],
  ['toString', 'toString'],
  ['a lone high surrogate', 'a\ud800'],
  ['another lone surrogate', 'a\ud801'],
  ['a lone low surrogate', 'a\udc00'],
  ['the replacement character', 'a\ufffd'],
  ['how a lone surrogate is written', 'a%ud800'],
  ['a composed letter', 'é'.normalize('NFC')],
  ['a decomposed letter', 'é'.normalize('NFD')],
  ['full-width digits', '１２'],
  ['digits', '12'],
  ['a right-to-left mark', '\u200f12'],
  ['lower case', 'admin'],
  ['upper case', 'ADMIN'],
]

const badRules: [unknown, string, string][] = [
  [{ limit: '1/ms', burst: 0 }, 'invalid-rule', 'burst'],
  [{ limit: '5/0s' }, 'invalid-options', 'limit'],
  [{ limit: '1000000000000000/day', burst: 1e15 }, 'invalid-rule', ''],
  [{ limit: '9007199254740993/s' }, 'invalid-rule', 'limit'],
  [{ limit: { limit: '100', window: '1m' } }, 'invalid-rule', 'limit.limit'],
  [{ limit: '100/min', name: "x' ]]" }, 'invalid-options', 'name'],
  [{ limit: '100/min', name: 'x\ny' }, 'invalid-options', 'name'],
  [{ limt: '100/min' }, 'invalid-options', ''],
]

describe.each<[string, (prefix: string) => Store]>([
  ['memory', () => memoryStore()],
  ['memory that threads share', () => sharedMemoryStore({ maxKeys: 1000 })],
  ['Redis', (prefix) => redisStore(redis.client, { prefix: `headgate:${prefix}` })],
])('on %s', (name, open) => {
  let count = 0
  const fresh = (policies?: PolicyOptions[]): Limiter => {
    const store = open(`t${++count}`)
    return createLimiter<Store>(
      policies === undefined ? { algorithm: 'sliding-log', limit: `${LIMIT}/h`, store } : { policies, store },
    )
  }
  const left = async (limiter: Limiter, who: string): Promise<number | null> =>
    (await limiter.peek(who, { cost: 0 })).remaining

  it.each(badCosts)('a cost of %s is refused, and nothing is spent', async (cost, shown) => {
    const limiter = fresh()
    await limiter.consume('a', { cost: 3 })
    const error = {
      code: 'invalid-cost',
      message: `${shown} is not a cost; pass a whole number from 0 to 2^53 - 1`,
    }
    for (const verb of ['consume', 'peek', 'reserve', 'wait'] as const) {
      await expect(limiter[verb]('a', { cost: cost as number })).rejects.toMatchObject(error)
    }
    await expect(limiter.charge('a', cost as number)).rejects.toMatchObject(error)
    await expect(limiter.credit('a', cost as number)).rejects.toMatchObject(error)
    expect(await left(limiter, 'a')).toBe(LIMIT - 3)
  })

  it('a cost of 0 spends nothing, one above the capacity never passes', async () => {
    const limiter = fresh()
    expect(await limiter.consume('a', { cost: 0 })).toMatchObject({
      allowed: true,
      remaining: LIMIT,
      receipt: null,
    })
    for (const cost of [LIMIT + 1, Number.MAX_SAFE_INTEGER]) {
      expect(await limiter.consume('a', { cost })).toMatchObject({
        allowed: false,
        reason: 'cost-exceeds-capacity',
        retryAfterMs: null,
        remaining: LIMIT,
      })
    }
    expect(await left(limiter, 'a')).toBe(LIMIT)
  })

  it.each(badKeys)('a key that is %s is refused', async (_, key) => {
    const limiter = fresh()
    for (const verb of ['consume', 'peek', 'reserve', 'wait', 'reset'] as const) {
      await expect(limiter[verb](key as string)).rejects.toMatchObject({ code: 'invalid-key' })
    }
  })

  it('every other key has a budget of its own', async () => {
    const limiter = fresh()
    for (const [i, [, key]] of goodKeys.entries()) {
      await limiter.consume(key, { cost: 1 + (i % (LIMIT - 1)) })
    }
    const rest: [string, number | null][] = []
    for (const [what, key] of goodKeys) rest.push([what, await left(limiter, key)])
    expect(rest).toEqual(goodKeys.map(([what], i) => [what, LIMIT - 1 - (i % (LIMIT - 1))]))
  })

  it('an attribute of a wrong type is refused where it is used, and nothing is spent', async () => {
    const limiter = fresh([
      { name: 'all', key: 'global', rules: ['10/h'] },
      { name: 'user', key: 'user', rules: ['10/h'] },
    ])
    for (const user of [{ $gt: '' }, ['a'], 1.5, true, Number.NaN, 2 ** 53]) {
      await expect(limiter.consume({ user } as never)).rejects.toMatchObject({ code: 'invalid-key' })
    }
    const rules = (await limiter.peek({ user: 'a' }, { cost: 0 })).rules
    expect(rules.map(({ remaining }) => remaining)).toEqual([10, 10])
  })

  it('attributes split at another place are another identity', async () => {
    const limiter = fresh([{ name: 'pair', key: ['a', 'b'], rules: ['2/h'] }])
    const pairs = [
      ['a:b', 'c'],
      ['a', 'b:c'],
      ['1:a', 'b'],
      ['a', '1:b'],
      ['{a', 'b}'],
      ['a\0', 'b'],
      ['a', '\0b'],
    ]
    for (const [a, b] of pairs) {
      expect(await limiter.consume({ a, b })).toMatchObject({ allowed: true, remaining: 1 })
    }
  })

  it.each(badRules)('the rule %j is refused', (rule, code, field) => {
    const at = field === '' ? 'policies[0].rules[0]' : `policies[0].rules[0].${field}`
    expect(() => fresh([{ name: 'p', rules: [rule as never] }])).toThrow(
      expect.objectContaining({ code, path: at }),
    )
  })

  it('a limit of 0 denies, and says so', async () => {
    const limiter = fresh([{ name: 'p', rules: ['0/s'] }])
    expect(await limiter.consume('a')).toMatchObject({
      allowed: false,
      reason: 'denied-by-policy',
      retryAfterMs: null,
    })
    expect(await limiter.consume('a', { cost: 0 })).toMatchObject({ reason: 'denied-by-policy' })
  })

  it('a policy or rule may have the name of a member of objects', async () => {
    const limiter = fresh([{ name: 'constructor', rules: [{ name: 'toString', limit: '2/h' }] }])
    expect(await limiter.consume('hasOwnProperty')).toMatchObject({
      policy: 'constructor',
      rule: 'toString',
      remaining: 1,
    })
  })

  it('a key of a megabyte is not stored as it is', async () => {
    await fresh().consume('m'.repeat(1_000_000))
    if (name === 'Redis')
      expect(Math.max(...(await redis.admin.keys('*')).map((key) => key.length))).toBeLessThan(300)
  })
})
