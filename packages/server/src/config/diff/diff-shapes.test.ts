import fc from 'fast-check'
import { memoryStore } from 'headgate'
import { manualClock } from 'headgate/testing'
import { describe, expect, it } from 'vitest'
import { createService } from '../../service/create-service.ts'
import { checkedShape, parseConfig } from '../config.ts'
import { convertSource } from '../convert/convert-source.ts'
import { changedFields } from './changed-fields.ts'
import { diffShapes } from './diff-shapes.ts'

const shapeOf = (text: string) => {
  return checkedShape({ name: 'f', texts: [{ file: 'f', text }], variables: new Map() }).shape
}
const diff = (before: string, after: string): string[] => {
  return diffShapes(shapeOf(before), shapeOf(after)).map(
    ({ path, effect, message }) => `${effect} ${path}: ${message}`,
  )
}
const policy = (rest: string, name = 'api'): string => `- { name: ${name}, key: user, ${rest} }\n`
const file = (...policies: string[]): string => `policies:\n${policies.join('')}`
const rule = (text: string): string => file(policy(`rules: [{ name: r, ${text} }]`))

const passwordHash = (digit: string): string =>
  `$scrypt$ln=15,r=8,p=3$${'s3cret'.repeat(3)}$${digit.repeat(43)}`
const users = (some: string): string =>
  `proxy: { upstream: "http://127.0.0.1:1", basic: { users: { ${some} } } }\n`

describe('diffShapes', () => {
  it.each<[string, string, string, RegExp[]]>([
    [
      'a higher limit on the same budget',
      rule('limit: 100/min'),
      rule('limit: 200/min'),
      [
        /^more policies\.api\.rules\.r: limit: 100\/min → 200\/min; now at most 200 .*; what was spent counts on$/,
      ],
    ],
    [
      'a lower limit',
      rule('limit: 100/min'),
      rule('limit: 50/min'),
      [/^less policies\.api\.rules\.r: .*what was spent counts on$/],
    ],
    [
      'another window',
      rule('limit: 100/min'),
      rule('limit: 100/h'),
      [
        /^less policies\.api\.rules\.r: limit: 100\/min → 100\/h/,
        /^fresh policies\.api\.rules\.r: another budget/,
      ],
    ],
    [
      'another algorithm',
      rule('limit: 100/min'),
      rule('limit: 100/min, algorithm: fixed-window'),
      [/^other policies\.api\.rules\.r: algorithm: nothing → fixed-window/, /^fresh/],
    ],
    [
      'another rate of a bucket',
      rule('limit: 10/s, burst: 20'),
      rule('limit: 20/s, burst: 20'),
      [/^more policies\.api\.rules\.r: limit/, /^fresh/],
    ],
    [
      'another burst of a bucket',
      rule('limit: 10/s, burst: 20'),
      rule('limit: 10/s, burst: 10'),
      [/^less policies\.api\.rules\.r: burst: 20 → 10; .*; what was spent counts on$/],
    ],
    [
      'a rule more and a rule less',
      file(policy('rules: [1/s, 5/min]')),
      file(policy('rules: [1/s, 9/h]')),
      [/^more policies\.api\.rules\.1m: is gone/, /^less policies\.api\.rules\.1h: is new/],
    ],
    [
      'policies added, removed and moved',
      file(policy('rules: [1/s]', 'a'), policy('rules: [1/s]', 'b'), policy('rules: [1/s]', 'c')),
      file(policy('rules: [1/s]', 'c'), policy('rules: [1/s]', 'b'), policy('rules: [1/s]', 'd')),
      [
        /^less policies\.d: is new/,
        /^more policies\.a: is gone/,
        /^other policies: another order, .*: b, c moved$/,
      ],
    ],
    [
      'another key',
      file(policy('rules: [1/s]')),
      file(policy('rules: [1/s]').replace('key: user', 'key: [ip, user]')),
      [/^fresh policies\.api\.key: user → \["ip","user"\]: another key is another budget for everybody$/],
    ],
    [
      'another match, whose values are not shown',
      file(policy('rules: [1/s], match: { path: /a, apiKey: s3cret }')),
      file(policy('rules: [1/s], match: { path: /b, apiKey: [s3cret2, s3cret] }')),
      [
        /^other policies\.api\.match\.path: \/a → \/b$/,
        /^other policies\.api\.match\.apiKey: 1 values added, 0 removed$/,
      ],
    ],
    [
      'an override',
      file(policy('rules: [1/s], overrides: [{ match: { user: v }, rules: { 1s: { limit: 2/s } } }]')),
      file(policy('rules: [1/s], overrides: [{ match: { user: v }, rules: { 1s: { limit: 3/s } } }]')),
      [/^more policies\.api\.overrides\[0\]\.rules\.1s: limit: 2\/s → 3\/s; .*counts on$/],
    ],
    [
      'a mode',
      file(policy('rules: [1/s]')),
      file(policy('rules: [1/s], mode: off')),
      [/^more policies\.api\.mode: enforce → off$/],
    ],
    [
      'a way without the store',
      file(policy('rules: [1/s]')),
      file(policy('rules: [1/s], onStoreError: closed')),
      [/^less policies\.api\.onStoreError: nothing → closed$/],
    ],
    [
      'lists',
      `${rule('limit: 1/s')}deny: { apiKey: [s3cret] }\nallow: { ip: [10.0.0.0/8] }`,
      `${rule('limit: 1/s')}deny: { apiKey: [s3cret, s3cret2] }\nallow: { ip: [] }`.replace(
        '[]',
        '[10.0.0.0/16]',
      ),
      [/^other allow\.ip: \["10\.0\.0\.0\/8"\] → /, /^less deny\.apiKey: 1 values added, 0 removed$/],
    ],
    [
      'another store',
      `${rule('limit: 1/s')}store: { url: "redis://u:s3cret@a:1", deadline: 5ms }`,
      `${rule('limit: 1/s')}store: { url: "redis://u:s3cret@b:1", deadline: 9ms }`,
      [
        /^fresh store\.url: redis:\/\/\*\*\*@a:1 → redis:\/\/\*\*\*@b:1; budgets/,
        /^other store\.deadline: 5ms → 9ms/,
      ],
    ],
    [
      'another password, and a store where none was',
      `${rule('limit: 1/s')}store: { url: "redis://u:s3cret@a:1" }`,
      `${rule('limit: 1/s')}store: { url: "redis://u:s3cret2@a:1" }`,
      [/^fresh store\.url: has changed in a part that is not shown/],
    ],
    [
      'the token of a service that a proxy asks, without showing it',
      `${rule('limit: 1/s')}proxy: { upstream: "http://127.0.0.1:1", service: { url: "http://a:1", token: s3cret } }\n`,
      `${rule('limit: 1/s')}proxy: { upstream: "http://127.0.0.1:1", service: { url: "http://a:1", token: s3cret2 } }\n`,
      [/^\S+ proxy\.service\.token: /],
    ],
    [
      'the hash of another password of a user, and of one who is new',
      `${rule('limit: 1/s')}${users(`alice: "${passwordHash('a')}"`)}`,
      `${rule('limit: 1/s')}${users(`alice: "${passwordHash('b')}", bob: { hash: "${passwordHash('c')}" }`)}`,
      [
        /^other proxy\.basic\.users\.alice: has changed in a part that is not shown$/,
        /^other proxy\.basic\.users\.bob: nothing → \{"hash":"\*\*\*"\}$/,
      ],
    ],
    [
      'a store',
      rule('limit: 1/s'),
      `${rule('limit: 1/s')}store: { url: "redis://:s3cret@a:1" }`,
      [/^fresh store: nothing → /],
    ],
    [
      'another store of a policy',
      `${file(policy('rules: [1/s]'))}stores: { main: { url: memory }, far: { url: memory } }`,
      `${file(policy('rules: [1/s], store: far'))}stores: { main: { url: memory }, far: { url: memory } }`,
      [/^fresh policies\.api\.store: nothing → far: budgets are kept elsewhere then$/],
    ],
    [
      'a rule that is new where the policy only counts now',
      file(policy('rules: [1/s, 5/h]')),
      file(policy('rules: [2/s, 5/min], mode: shadow')),
      [
        /^more policies\.api\.mode: enforce → shadow$/,
        /^other policies\.api\.rules\.1s: limit: 1\/s → 2\/s/,
        /^other policies\.api\.rules\.1m: is new/,
        /^other policies\.api\.rules\.1h: is gone/,
      ],
    ],
    [
      'a policy that denies nothing, which comes, and another one, which goes',
      file(policy('rules: [1/s]'), policy('rules: [1/s], rollout: 0%', 'a')),
      file(policy('rules: [1/s]'), policy('rules: [1/s], mode: shadow', 'b')),
      [
        /^other policies\.b: is new, and denies nothing: 1s: at most/,
        /^other policies\.a: is gone: it denied nothing$/,
      ],
    ],
  ])('names %s', (_, before, after, expected) => {
    const said = diff(before, after)
    expect(said.join('\n')).not.toContain('s3cret')
    expect(said).toHaveLength(expected.length)
    for (const pattern of expected) expect(said.some((line) => pattern.test(line))).toBe(true)
  })

  it.each([
    ['ban: [1m, 1h]', '', 'more', 'ban: ["1m","1h"] → nothing'],
    ['ban: [1m, 1h]', 'ban: [60s, 10m]', 'more', 'ban: ["1m","1h"] → ["60s","10m"]'],
    ['ban: [1m]', 'ban: [1m, 30s]', 'more', 'ban: ["1m"] → ["1m","30s"]'],
    ['ban: [1m, 1h]', 'ban: [2m, 10m]', 'other', 'ban: ["1m","1h"] → ["2m","10m"]'],
    ['', 'missing: skip', 'more', 'missing: ip → skip'],
    ['missing: refuse', '', 'more', 'missing: refuse → ip'],
    ['', 'mode: shadow', 'more', 'mode: enforce → shadow'],
    ['mode: shadow', 'mode: off', 'other', 'mode: shadow → off'],
    ['', 'mode: enforce', 'other', 'mode: nothing → enforce'],
    ['', 'rollout: 10%', 'more', 'rollout: 100% → 10%'],
    ['mode: shadow, rollout: 50%', 'mode: shadow, rollout: 10%', 'other', 'rollout: 50% → 10%'],
    ['', 'overdraw: true', 'more', 'overdraw: false → true'],
    ['cost: 2', '', 'more', 'cost: 2 → 1'],
    ['', 'cost: size', 'other', 'cost: 1 → size'],
    ['', 'match: { path: /a }', 'more', 'match: is new'],
    ['match: { path: /a }', 'match: { path: /a, method: GET }', 'more', 'match.method: nothing → GET'],
    ['mode: shadow, ban: [1m]', 'mode: shadow', 'other', 'ban: ["1m"] → nothing'],
  ])('says of %j to %j for whom that is good: %s', (before, after, effect, said) => {
    const of = (more: string): string => file(policy(['rules: [1/s]', more].filter(Boolean).join(', ')))
    expect(diff(of(before), of(after))).toEqual([`${effect} policies.api.${said}`])
    const [reverse] = diff(of(after), of(before))
    const opposite = { more: 'less', less: 'more' }[effect] ?? effect
    expect(reverse?.split(' ')[0]).toBe(opposite)
  })

  it('says of conditions in a group only that they differ', () => {
    const of = (more: string): string =>
      file(policy(`rules: [1/s], choose: { group: g, priority: 1 }${more}`))
    expect(diff(of(''), of(', match: { path: /a }'))).toEqual(['other policies.api.match: is new'])
  })

  it('finds nothing where both say the same, however it is written', () => {
    expect(
      diff(
        file(policy('rules: [100/min]')),
        `version: 1\n${file(policy('rules: [{ limit: 100/min }]'))}# same`,
      ),
    ).toEqual([])
  })

  const fields = fc.record(
    {
      key: fc.constantFrom('user', 'ip', 'global'),
      rules: fc.uniqueArray(fc.constantFrom('1/s', '5/min', '9/h'), { minLength: 1, maxLength: 3 }),
      missing: fc.constantFrom('ip', 'skip', 'refuse'),
      mode: fc.constantFrom('enforce', 'off'),
      onStoreError: fc.constantFrom('open', 'closed', 'local'),
      match: fc.record(
        { path: fc.constantFrom('/a', '/b'), user: fc.constantFrom('a', 'b') },
        { requiredKeys: [] },
      ),
      lease: fc.record({ max: fc.integer({ min: 1, max: 3 }) }),
      choose: fc.record({ group: fc.constantFrom('g', 'h'), priority: fc.integer({ min: 0, max: 2 }) }),
    },
    { requiredKeys: ['rules'] },
  )
  const files = fc
    .record(
      {
        policies: fc.array(fields, { maxLength: 3 }),
        deny: fc.record({ apiKey: fc.constantFrom('x', 'y') }),
        store: fc.record({ url: fc.constant('memory'), prefix: fc.constantFrom('p', 'q') }),
        http: fc.record({ headers: fc.constantFrom('draft', 'both') }),
      },
      { requiredKeys: ['policies'] },
    )
    .map((one) => ({ ...one, policies: one.policies.map((policy, i) => ({ name: `p${i}`, ...policy })) }))

  it('is empty for equal files, and names every field that differs', () => {
    fc.assert(
      fc.property(files, files, (before, after) => {
        const [was, is] = [shapeOf(JSON.stringify(before)), shapeOf(JSON.stringify(after))]
        expect(diffShapes(was, structuredClone(was))).toEqual([])
        const named = diffShapes(was, is).map(({ path }) => path)
        const flat = (shape: typeof was) => {
          const policies = shape.policies.map(({ name, ...rest }) => [name, rest])
          return { ...shape, policies: Object.fromEntries(policies) }
        }
        for (const { path } of changedFields(flat(was), flat(is))) {
          const where = path.join('.')
          expect(named.some((one) => one === where || one.startsWith(`${where}.`))).toBe(true)
        }
      }),
      { numRuns: 200 },
    )
  })
})

describe('a file of envoyproxy/ratelimit and its conversion', () => {
  const limits = `domain: edge
descriptors:
  - { key: plan, rate_limit: { unit: hour, requests_per_unit: 5 } }
  - { key: route, value: /api/*, share_threshold: true, rate_limit: { unit: day, requests_per_unit: 4 } }
`
  const { text: ours } = convertSource({ name: 'f', texts: [{ file: 'f', text: limits }] })

  it('have the same budgets, but for those that are shared', () => {
    for (const changes of [diff(limits, ours), diff(ours, limits)]) {
      expect(changes.filter((one) => /^(more|less) /.test(one))).toEqual([])
      expect(changes).toContainEqual(
        expect.stringMatching(/^other policies\.edge\.plan\.key: .* so that budgets go on/),
      )
      expect(changes.filter((one) => one.startsWith('fresh'))).toEqual([
        expect.stringMatching(
          /^fresh policies\.edge\.route.*\.key: .*another key is another budget for everybody$/,
        ),
      ])
    }
  })

  it('go on where the one replaces the other', async () => {
    const [tree, policies] = [parseConfig(limits, 'limits.yaml'), parseConfig(ours, 'ours.yaml')]
    const store = memoryStore({ clock: manualClock() })
    const service = createService({
      configuration: tree,
      store: { store, label: 'memory', resilience: {}, ping: async () => {} },
    })
    const remaining = async (): Promise<unknown> => {
      const who = { domain: 'edge', descriptor: [{ key: 'plan', value: 'free' }] }
      return (await service.decide([{ who }], { transport: 'test' })).decisions[0]?.remaining
    }
    expect([await remaining(), await remaining()]).toEqual([4, 3])
    service.apply(policies)
    expect(await remaining()).toBe(2)
    await service.close()
  })
})
