import { HeadgateError } from 'headgate'
import { describe, expect, it } from 'vitest'
import { checkSource, parseConfig } from '../config.ts'

const limit = 'rate_limit: { unit: day, requests_per_unit: 2 }'

function mistakesOf(text: string): string {
  try {
    parseConfig(text, 'limits.yaml')
    return 'is valid'
  } catch (reason) {
    return HeadgateError.from(reason).message
  }
}

const one = (fields: string): string => `domain: d\ndescriptors:\n  - ${fields.replaceAll('\n', '\n    ')}\n`

describe('a file of envoyproxy/ratelimit', () => {
  it('is one policy for each limit, named as there or by where it stands', () => {
    const { policies, domains } = parseConfig(
      `domain: edge
descriptors:
  - key: plan
    value: free
    rate_limit: { name: free-plan, unit: HOUR, requests_per_unit: 3 }
  - key: plan
    rate_limit: { unit: month, requests_per_unit: 5 }
    shadow_mode: true
  - key: tenant
    descriptors:
      - { key: route, value: /api/*, rate_limit: { name: free-plan, unit: week, requests_per_unit: 0 } }
      - { key: port, value: 8080, rate_limit: { unlimited: true } }
      - { key: version, value: 1.0, ${limit} }
`,
      'edge.yaml',
    )
    expect(policies.map(({ name, mode, rules }) => [name, mode, rules[0]])).toEqual([
      ['free-plan', undefined, { algorithm: 'fixed-window', limit: '3/hour', align: 'epoch' }],
      ['edge.plan', 'shadow', { algorithm: 'fixed-window', limit: '5/month', align: 'epoch' }],
      [
        expect.stringMatching(/^free-plan-[0-9a-f]{8}$/),
        undefined,
        { algorithm: 'fixed-window', limit: '0/week', align: 'epoch' },
      ],
      ['edge.tenant.version.1.0', undefined, { algorithm: 'fixed-window', limit: '2/day', align: 'epoch' }],
    ])
    // Values are texts, as they are written.
    expect(domains?.[0]?.descriptors[2]?.descriptors.map(({ value }) => value)).toEqual([
      '/api/*',
      '8080',
      '1.0',
    ])
  })

  it('has no variables: a dollar is a dollar', () => {
    const { domains } = parseConfig(one(`key: price\nvalue: "\${FREE}"\n${limit}`), 'a.yaml')
    expect(domains?.[0]?.descriptors[0]?.value).toBe('${FREE}')
  })

  it.each([
    [
      one(`key: a\nvalu: x`),
      '3:5 descriptors[0].valu: unknown key "valu" (did you mean "value"?)'.replace('3', '4'),
    ],
    [`domain: d\ndescriptor: []`, '2:1 descriptor: unknown key "descriptor" (did you mean "descriptors"?)'],
    ['domain: d\ndescriptors: [a]', 'descriptors[0]: "a" is not a map'],
    ['descriptors: []', '1:1 domain: is missing'],
    ['domain: ""', '1:1 domain: the domain is empty; give it a name'],
    [one('value: x'), 'descriptors[0].key: is missing'],
    [one('key: ""'), 'descriptors[0].key: the key is empty'],
    [one('key: a*'), 'patterns stand in "value"'],
    [one(`key: a\n${limit}\nrate_limit: {}`), '"rate_limit" is there twice'],
    [
      one('key: a\nrate_limit: { unit: fortnight, requests_per_unit: 1 }'),
      '"fortnight" is not a unit; use second, ',
    ],
    [one('key: a\nrate_limit: { requests_per_unit: 1 }'), 'rate_limit.unit: is missing; say second'],
    [one('key: a\nrate_limit: { unit: day }'), 'rate_limit.requests_per_unit: is missing; write 0'],
    [
      one('key: a\nrate_limit: { unit: day, requests_per_unit: 4294967296 }'),
      '4294967296 is more than 4294967295',
    ],
    [one('key: a\nrate_limit: { unit: day, requests_per_unit: -1 }'), '-1 is less than 0'],
    [
      one('key: a\nrate_limit: { unit: day, unlimited: true }'),
      '4:19 descriptors[0].rate_limit.unit: an unlimited limit has no unit',
    ],
    [
      one('key: a\nrate_limit: { name: x, unit: day, requests_per_unit: 1, replaces: [{ name: x }] }'),
      'replaces[0].name: "x" is this limit itself',
    ],
    [
      one('key: a\nrate_limit: { unit: day, requests_per_unit: 1, replaces: [{ name: "" }] }'),
      'the name is empty',
    ],
    [
      one(`key: a\nvalue: b\nshare_threshold: true\n${limit}`),
      '5:5 descriptors[0].share_threshold: goes with a value that has a *',
    ],
    [one(`key: a\n${limit}\nquota_mode: 1`), '1 is not true or false'],
    [
      'domain: d\ndescriptors:\n  - { key: a, value: b }\n  - { key: a }\n  - { key: a, value: b }\n',
      '5:5 descriptors[2]: key "a" with this value, or none, is there twice, first as [0]; keep one',
    ],
    [
      'domain: d\ndescriptors:\n  - key: t\n    descriptors: [{ key: a }, { key: a }]\n',
      '4:31 descriptors[0].descriptors[1]: key "a" with this value, or none, is there twice',
    ],
  ])('is refused where it is wrong, with the place: %j', (text, message) => {
    expect(mistakesOf(text)).toContain(message)
  })

  it('may lie beside one of ours, and a domain is in one file', () => {
    const ours = { file: 'a.yaml', text: 'version: 1\npolicies: [{ name: edge.a, key: user, rules: [1/s] }]' }
    const theirs = {
      file: 'b.yaml',
      text: 'domain: edge\ndescriptors: [{ key: a, rate_limit: { unit: day, requests_per_unit: 2 } }]',
    }
    const source = { name: '.', variables: new Map(), texts: [ours, theirs] }
    const { policies, hash } = checkSource(source)
    expect(policies.map(({ name }) => name)).toEqual([
      'edge.a',
      expect.stringMatching(/^edge\.a-[0-9a-f]{8}$/),
    ])
    const changed = { ...source, texts: [ours, { ...theirs, text: theirs.text.replace('2 }', '3 }') }] }
    expect(checkSource(changed).hash).not.toBe(hash)
    const twice = { ...source, texts: [ours, theirs, { ...theirs, file: 'c.yaml' }] }
    expect(() => checkSource(twice)).toThrow(
      'c.yaml:1:1 domain: "edge" stands in b.yaml too; put all of it in one file',
    )
  })

  it('says once what has no effect', () => {
    const fields = `${limit}, detailed_metric: true, value_to_metric: true`
    const { notInForce } = parseConfig(`domain: d\ndescriptors: [{ key: a, ${fields} }]`, 'a.yaml')
    expect(notInForce).toEqual([
      {
        path: 'descriptors[0].detailed_metric',
        message: expect.stringContaining(
          'descriptors[0].detailed_metric has no effect, nor have 1 more of its kind',
        ),
      },
    ])
  })
})
