import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createLimiter, HeadgateError, memoryStore } from 'headgate'
import { describe, expect, it } from 'vitest'
import { parseConfig } from './config.ts'
import { worstCases } from './worst-case.ts'

const root = join(import.meta.dirname, '../..')
const sample = readFileSync(join(root, 'test/fixtures/api-sample.yaml'), 'utf8')

describe('the configuration sample of the documentation', () => {
  const config = parseConfig(sample, 'api-sample.yaml')

  it('parses', () => {
    expect(config).toMatchObject({
      file: 'api-sample.yaml',
      hash: expect.stringMatching(/^[0-9a-f]{12}$/),
      stores: {
        main: { url: 'redis://localhost:6379', prefix: 'headgate' },
      },
      resilience: { deadlineMs: 15, onStoreError: 'local', replicas: 'auto' },
      allow: { ip: ['10.0.0.0/8'] },
      deny: { apiKey: ['revoked-1'] },
    })
    expect(config.policies).toHaveLength(1)
    expect(config.policies[0]?.lease).toEqual({ max: 100, lifetime: '200ms' })
  })

  it('is in force as a whole', () => {
    expect(config.notInForce).toEqual([])
  })

  it('runs on memory', async () => {
    const limiter = createLimiter({ policies: config.policies, store: memoryStore() })
    const request = { domain: 'api', path: '/v2/orders', method: 'POST', role: 'premium', user: 'alice' }
    expect(await limiter.consume(request)).toMatchObject({ allowed: true, limit: 20, remaining: 19 })
    expect(await limiter.consume({ ...request, path: '/v1/orders' })).toMatchObject({ reason: 'unmatched' })
    const { rules } = await limiter.peek({ ...request, user: 'vip-1' })
    expect(rules.map(({ limit }) => limit)).toEqual([20, 100_000])
  })
})

describe('the sample that is packed', () => {
  const text = readFileSync(join(root, 'sample/headgate.yaml'), 'utf8')
  const config = parseConfig(text, 'headgate.yaml')

  it('is valid with all that it shows in comments, too', () => {
    const whole = parseConfig(text.replaceAll(/^( *)#(?=[^ #\n])/gm, '$1'), 'f')
    expect(Object.keys(whole.policies[0] ?? {})).toEqual(
      expect.arrayContaining(['match', 'overrides', 'choose']),
    )
    expect([whole.allow, whole.deny, whole.identity?.trustedProxies]).toMatchObject([
      { ip: ['10.0.0.0/8'] },
      { apiKey: ['revoked-1'] },
      ['127.0.0.0/8'],
    ])
  })

  it('is in force as a whole', () => {
    expect(config.notInForce).toEqual([])
  })

  it('has its worst cases said in words', () => {
    expect(worstCases(config.policies)).toEqual([
      'demo/burst: at most 5 at one instant, and 5 more each 10 s',
      'demo/daily: at most 1000 per window of 86400 s, so at most 2000 around an edge',
    ])
  })
})

const policy = (text: string): string => `policies:\n  - name: a\n    rules: [1/s]\n    ${text}\n`

describe('the worst case of what is in shadow', () => {
  it.each([
    ['mode: shadow', ['a (in shadow: counts, denies nothing)/1s: ']],
    ['rollout: 10%', ['a (for 10% of the keys, in shadow for the others)/1s: ']],
    ['rollout: 100%', ['a/1s: ']],
    [
      'shadow: { rules: { 1s: { limit: 5/min } } }',
      ['a/1s: ', 'a/1s~shadow (in shadow: counts, denies nothing): '],
    ],
    [
      'shadow: { rules: { 1s: { limit: 5/min } }, rollout: 10% }',
      ['a/1s: ', 'a/1s~shadow (decides for 10% of the keys, counts for the others): '],
    ],
  ])('%s', (text, starts) => {
    const said = worstCases(parseConfig(policy(text), 'f').policies)
    expect(said.map((sentence) => sentence.replace(/: at most .*$/, ': '))).toEqual(starts)
  })
})

describe('settings that once were not in force', () => {
  it.each([
    ['mode: shadow', [], 'shadow'],
    ['mode: off', [], 'off'],
    ['mode: enforce', [], 'enforce'],
    ['rollout: 100%', [], undefined],
    ['rollout: 99.9%', [], undefined],
    ['shadow: { rules: { 1s: { limit: 9/s } }, rollout: 10% }', [], undefined],
    ['overdraw: true', [], undefined],
    ['onStoreError: open', [], undefined],
    ['lease: { max: 5 }', [], undefined],
  ])('%s', (text, paths, mode) => {
    const { notInForce, policies } = parseConfig(policy(text), 'f')
    expect([notInForce.map(({ path }) => path), policies[0]?.mode]).toEqual([paths, mode])
  })
})

describe('a store', () => {
  it.each([
    'memory',
    'redis://alice:secret@localhost:6379/0',
    'rediss://localhost',
    'redis+cluster://a:6379,b:6379',
    'rediss+sentinel://s1:26379,s2:26379/main/0',
    'unix:///run/redis.sock?db=1',
    'redis+unix:///run/redis.sock',
  ])('may be %s', (url) => {
    expect(parseConfig(`store: { url: "${url}" }\n${policy('')}`, 'f').stores).toEqual({
      main: { url, prefix: 'headgate' },
    })
  })
})

function messageOf(text: string): string {
  try {
    parseConfig(text, 'f')
  } catch (error) {
    expect(HeadgateError.is(error) && error.code).toBe('invalid-config')
    return (error as Error).message
  }
  return 'is valid'
}

const bomb = Array.from({ length: 9 }, (_, i) => {
  const name = String.fromCharCode(98 + i)
  const before = String.fromCharCode(97 + i)
  return `${name}: &${name} [${Array(9).fill(`*${before}`).join(', ')}]`
})

describe('a bad configuration', () => {
  const rows: [name: string, text: string, message: string][] = [
    ['nothing', '', 'f:1:1 the file is empty'],
    ['only a comment', '# hello\n', 'the file is empty'],
    ['a list', '- a\n', 'f:1:1 the file is not a map'],
    ['a text', 'hello', 'f:1:1 the file is not a map'],
    ['no policies', 'version: 1\n', 'f:1:1 policies: is missing'],
    ['empty policies', 'policies:\n', 'f:1:1 policies: is empty'],
    ['another version', `version: 2\n${policy('')}`, 'f:1:1 version: 2 is not 1'],
    ['two documents', `${policy('')}---\n${policy('')}`, 'several documents'],
    ['an alias', `a: &x 1\n${policy('key: *x')}`, 'f:5:10 policies[0].key: aliases such as *x are not read'],
    ['an alias bomb', ['a: &a [x]', ...bomb, policy('')].join('\n'), 'aliases such as *a are not read'],
    ['a merge key', policy('<<: { key: user }'), 'f:4:5 policies[0]: merge keys (<<) are not read'],
    ['a merge key of YAML 1.1', `%YAML 1.1\n---\n${policy('<<: { key: user }')}`, 'only YAML 1.2 is read'],
    ['__proto__', policy('__proto__: { key: user }'), 'f:4:5 policies[0]: "__proto__" is not a name'],
    [
      '__proto__ as attribute',
      policy('match: { __proto__: x }'),
      'policies[0].match: "__proto__" is not a name',
    ],
    ['a duplicate key', policy('name: b'), 'f:4:5 policies[0]: "name" is there twice'],
    ['tabs', 'policies:\n\t- name: a\n', 'f:2:1 tabs are not allowed as indentation; use spaces'],
    ['a byte order mark', `\uFEFF${policy('')}`, 'f:1:1 the file begins with a byte order mark'],
    ['a tag', policy('key: !!binary aGk='), 'f:4:10 tags such as !!binary are not read'],
    ['a colon at the end', 'store:\n  url: memory:\n', 'put a value that ends in a colon in quotes'],
    ['an open quote', 'policies: "a\n', 'not valid YAML: Missing closing "quote'],
    ['deep nesting', `a: ${'['.repeat(20_000)}`, 'nested too deeply'],
    [
      'a number that is none',
      policy('match: { user: 007 }'),
      'policies[0].match.user: 007 is read as 7; put it in quotes',
    ],
    [
      'a key that looks like hex',
      `${policy('')}deny: { apiKey: [a, 0x10] }`,
      'deny.apiKey[1]: 0x10 is read as 16',
    ],
    [
      'an unknown key',
      `polices: []\n${policy('')}`,
      'f:1:1 polices: unknown key "polices" (did you mean "policies"?)',
    ],
    [
      'an unknown key of a policy',
      policy('kee: user'),
      'f:4:5 policies[0].kee: unknown key "kee" (did you mean "key"?)',
    ],
    ['a far-off key of a policy', policy('quota: 5'), 'unknown key "quota"; known are name, rules, match'],
    [
      'limt',
      'policies: [{ name: a, rules: [{ limt: 1/s }] }]',
      'policies[0].rules[0].limt: unknown key "limt" (did you mean "limit"?)',
    ],
    [
      'an unknown key of a store',
      `store: { url: memory, prefx: a }\n${policy('')}`,
      'store.prefx: unknown key',
    ],
    [
      'an unknown key of an override',
      policy('overrides: [{ match: {}, rule: {} }]'),
      '(did you mean "rules"?)',
    ],
    [
      'an unknown key of its rules',
      policy('overrides: [{ match: {}, rules: { 1s: { brst: 2 } } }]'),
      '(did you mean "burst"?)',
    ],
    [
      'an unknown key of choose',
      policy('choose: { group: g, priority: 1, prio: 1 }'),
      'policies[0].choose.prio',
    ],
    ['an unknown key of lease', policy('lease: { max: 1, lifetime: 1s, ttl: 1s }'), 'policies[0].lease.ttl'],
    [
      'a rate without a window',
      policy('').replace('1/s', '5'),
      'policies[0].rules[0]: 5 does not belong here',
    ],
    [
      'a rate in fortnights',
      'policies:\n- name: a\n  rules:\n  - limit: 10/fortnight\n',
      'f:4:5 policies[0].rules[0].limit: "fortnight" is not a duration',
    ],
    [
      'a rate in words',
      policy('').replace('1/s', 'many'),
      'f:3:13 policies[0].rules[0].limit: "many" is not a rate',
    ],
    [
      'a second rule',
      'policies:\n- name: a\n  rules: [1/s, { limit: 5 }]',
      'f:3:18 policies[0].rules[1].limit: 5 is not a rate',
    ],
    [
      'no rules',
      'policies: [{ name: a, rules: [] }]',
      'policies[0].rules: a list of 0 is not a list of 1 to 32 rules',
    ],
    [
      'a burst of half a unit',
      'policies: [{ name: a, rules: [{ limit: 1/s, burst: 0.5 }] }]',
      'policies[0].rules[0].burst: 0.5 is not a whole number',
    ],
    [
      'a burst of 0',
      'policies: [{ name: a, rules: [{ limit: 1/s, burst: 0 }] }]',
      'policies[0].rules[0].burst: 0 is not valid',
    ],
    [
      'a burst on a window',
      'policies: [{ name: a, rules: [{ algorithm: fixed-window, limit: 1/s, burst: 1 }] }]',
      'policies[0].rules[0].burst: burst belongs to token-bucket',
    ],
    [
      'an unknown zone',
      'policies: [{ name: a, rules: [{ algorithm: fixed-window, align: calendar, limit: 1/day, timezone: Mars }] }]',
      '"Mars" is not a time zone',
    ],
    ['an unknown mode', policy('mode: on'), 'policies[0].mode: "on" is not one of enforce, shadow, off'],
    ['an unknown onStoreError', policy('onStoreError: ignore'), '"ignore" is not one of local, open, closed'],
    ['a rollout above all', policy('rollout: 101%'), 'policies[0].rollout: "101%" is not a share'],
    ['a rollout without %', policy('rollout: 10'), 'policies[0].rollout: 10 is not a text'],
    ['an empty ban', policy('ban: []'), 'policies[0].ban: the list is empty'],
    ['too many bans', policy(`ban: [${'1m,'.repeat(17)}]`), 'policies[0].ban: '],
    [
      'a ban in fortnights',
      policy('ban: [1m, 1 fortnight]'),
      'policies[0].ban[1]: "1 fortnight" is not a duration',
    ],
    [
      'a lease of nothing',
      policy('lease: { max: 0, lifetime: 1s }'),
      'policies[0].lease.max: 0 is less than 1',
    ],
    ['an empty match value', policy('match: { user: [] }'), 'policies[0].match.user: the list is empty'],
    ['true in a match', policy('match: { user: true }'), 'policies[0].match.user: true does not belong here'],
    [
      'a bad pattern',
      policy('match: { path: v2 }'),
      'f:4:14 policies[0].match.path: "v2" is not a path pattern',
    ],
    [
      'an unknown rule in an override',
      policy('overrides: [{ match: {}, rules: { x: { limit: 1/s } } }]'),
      'policies[0].overrides[0].rules: unknown rule "x"',
    ],
    [
      'an unknown rule in a shadow',
      policy('shadow: { rules: { x: { limit: 1/s } } }'),
      'f:4:15 policies[0].shadow.rules: unknown rule "x"',
    ],
    [
      'an impossible rule in a shadow',
      policy('shadow: { rules: { 1s: { limit: x } } }'),
      'policies[0].shadow.rules.1s.limit: "x" is not a rate',
    ],
    [
      'an impossible rule',
      'policies: [{ name: a, rules: [{ limit: 9007199254740991/year, burst: 9007199254740991 }] }]',
      'policies[0].rules[0]',
    ],
    [
      'a name with spaces',
      'policies: [{ name: a b, rules: [1/s] }]',
      'policies[0].name: "a b" is not a name',
    ],
    [
      'two policies of one name',
      'policies: [{ name: a, rules: [1/s] }, { name: a, rules: [1/s] }]',
      'f:1:41 policies[1].name: two policies are named "a"',
    ],
    ['a missing name', 'policies: [{ rules: [1/s] }]', 'f:1:12 policies[0].name: is missing'],
    [
      'another store',
      `store: { url: "postgres://:s3cret@x" }\n${policy('')}`,
      'f:1:10 store.url: "postgres://***@x" is not a store of this version',
    ],
    ['a store as a text', `store: memory\n${policy('')}`, 'store: "memory" is not a map'],
    [
      'a prefix with braces',
      `store: { url: memory, prefix: "{a}" }\n${policy('')}`,
      'store.prefix: "{a}" is not a prefix',
    ],
    [
      'a deadline in words',
      `store: { url: memory, deadline: soon }\n${policy('')}`,
      'store.deadline: "soon" is not a duration',
    ],
    ['no replicas', `store: { url: memory, replicas: 0 }\n${policy('')}`, 'store.replicas: 0 is less than 1'],
    ['an unknown store', policy('store: main'), 'policies[0].store: no store is named "main"'],
    [
      'an unknown source',
      `attributes: { user: [cookies.sid] }\n${policy('')}`,
      'attributes.user[0]: "cookies.sid" is not a source',
    ],
    [
      'an address that is none',
      `allow: { ip: [10.0.0.0/33] }\n${policy('')}`,
      'allow.ip: "10.0.0.0/33" is not an address',
    ],
    ['an address of one number', `deny: { ip: 10 }\n${policy('')}`, 'deny.ip: 10 is not an address'],
    [
      'a pattern of another tool',
      `deny: { path: [/login, '/u/:id'] }\n${policy('')}`,
      'deny.path: "/u/:id" is not a path pattern; write * for :id',
    ],
    [
      'an entry of a list that is wrong',
      `deny: [{ user: a }, { path: admin }]\n${policy('')}`,
      'deny[1].path: "admin" is not a path pattern',
    ],
    ['an entry that lists everybody', `allow: [{}]\n${policy('')}`, 'allow[0]: an entry without attributes'],
    [
      'a descriptor that is none',
      policy('match: { descriptor: tenant }'),
      'policies[0].match.descriptor: "tenant" is not a list of entries',
    ],
    [
      'an entry with two keys',
      policy('match: { descriptor: [{ a: 1, b: 2 }] }'),
      'policies[0].match.descriptor[0]: an object is not an entry',
    ],
    [
      'entries of an attribute that has none',
      policy('match: { user: [{ a: 1 }] }'),
      'policies[0].match.user: an object cannot be matched',
    ],
    ['a list of nothing', `deny: { apiKey: }\n${policy('')}`, 'deny.apiKey: is empty'],
  ]
  it.each(rows)('with %s is refused', (_, text, message) => {
    expect(messageOf(text)).toContain(message)
    expect(messageOf(text)).not.toContain('s3cret')
  })

  it('has all its mistakes listed, at most 20', () => {
    const policies = Array.from({ length: 30 }, (_, i) => `- { name: a${i + 10}, rules: [1/s], kee: 1 }\n`)
    const text = `policies:\n${policies.join('')}`
    const lines = messageOf(text).split('\n')
    expect(lines).toHaveLength(21)
    expect(lines[19]).toMatch(/^f:21:30 policies\[19\]\.kee: unknown key/)
    expect(lines[20]).toBe('f: and 10 more')
  })

  it('has one mistake of each policy listed', () => {
    const text =
      'policies:\n- { name: a, rules: [x] }\n- { name: b, rules: [1/s] }\n- { name: c, rules: [y] }\n'
    expect(
      messageOf(text)
        .split('\n')
        .map((line) => line.slice(0, 32)),
    ).toEqual(['f:2:22 policies[0].rules[0].limi', 'f:4:22 policies[2].rules[0].limi'])
  })

  it('is refused in seconds, however it is made to take long', () => {
    const keys = Array.from({ length: 30_000 }, (_, i) => `k${i}: 1`).join('\n')
    expect(messageOf(keys)).toContain('policies: is missing')
    expect(messageOf('!a '.repeat(60_000))).toContain('not valid YAML')
  })
})
