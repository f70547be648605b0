import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseConfig } from '../config.ts'
import { formatPath } from '../config-error.ts'
import { convertSource } from './convert-source.ts'

const day = 'rate_limit: { unit: day, requests_per_unit: 2 }'

function converted(text: string, file = 'limits.yaml') {
  const { text: ours, notes } = convertSource({ name: file, texts: [{ file, text }] })
  const { policies, allow } = parseConfig(ours, 'headgate.yaml')
  const told = notes.map(({ line, path, message }) => `${line} ${formatPath(path)}: ${message}`)
  return { text: ours, policies, allow, notes: told }
}

describe('headgate convert', () => {
  it('writes policies as one would by hand, with the comments of the file', () => {
    const { text, notes } = converted(`domain: edge
descriptors:
  # Everybody.
  - key: plan
    rate_limit: { unit: hour, requests_per_unit: 5 }
  # Who pays nothing.
  - key: plan
    value: free
    rate_limit: { name: free-plan, unit: hour, requests_per_unit: 3 }
    shadow_mode: true
  - key: price
    value: $5
    ${day}
`)
    expect(notes).toEqual([
      '10 descriptors[1].shadow_mode: leaves the decision to the next limit that fits; there nothing decides then: remove that limit, or keep this file: Headgate reads it as it is',
    ])
    expect(text).toBe(`# Written by headgate convert from limits.yaml.
# Say where budgets live: store: { url: redis://localhost:6379 }

version: 1
policies:
  # Everybody.
  - name: edge.plan
    match: { domain: edge, descriptor: [ plan ] }
    key: descriptor
    rules:
      - { algorithm: fixed-window, limit: 5/hour, align: epoch }
    choose: { group: edge.plan, priority: 1 }

  # Who pays nothing.
  # shadow_mode leaves the decision to the next limit that fits; there nothing decides then: remove that limit, or keep this file: Headgate reads it as it is
  - name: free-plan
    match: { domain: edge, descriptor: [ { plan: free } ] }
    key: descriptor
    rules:
      - { algorithm: fixed-window, limit: 3/hour, align: epoch }
    choose: { group: edge.plan, priority: 2 }
    mode: shadow

  - name: edge.price._5-${/price\._5-([0-9a-f]{8})/.exec(text)?.[1]}
    match: { domain: edge, descriptor: [ { price: $$5 } ] }
    key: descriptor
    rules:
      - { algorithm: fixed-window, limit: 2/day, align: epoch }
`)
  })

  it('lets pass what nothing limits there beside a limit that fits', () => {
    const { allow, notes } = converted(`domain: d
descriptors:
  - { key: plan, value: gold, rate_limit: { unlimited: true } }
  - { key: plan, ${day} }
  - { key: alone, rate_limit: { unlimited: true } }
  - key: tenant
    value: big
    descriptors: [{ key: user, ${day} }]
  - key: tenant
    ${day}
    descriptors: [{ key: user, ${day} }, { key: route, value: /a, ${day} }]
`)
    expect(notes).toEqual([])
    expect(allow).toEqual([
      { domain: 'd', descriptor: [{ plan: 'gold' }] },
      { domain: 'd', descriptor: [{ tenant: 'big' }] },
      { domain: 'd', descriptor: [{ tenant: 'big' }, 'route'] },
    ])
  })

  it('names groups as groups may be named', () => {
    const { policies } = converted(
      `domain: my shop\ndescriptors: [{ key: a b, ${day} }, { key: a b, value: x, ${day} }]`,
    )
    expect(policies.map(({ choose }) => choose?.group)).toEqual(
      Array.from({ length: 2 }, () => expect.stringMatching(/^my_shop\.a_b-[0-9a-f]{8}$/)),
    )
  })

  it.each([
    [`- { key: a, quota_mode: true, ${day} }`, '3 descriptors[0].quota_mode: denies by itself here'],
    [
      '- { key: a, rate_limit: { unit: day, requests_per_unit: 1, replaces: [{ name: x }] } }',
      '3 descriptors[0].rate_limit.replaces: all limits hold here',
    ],
    [`- { key: a, ${day}, metadata: { x: 1 } }`, '3 descriptors[0].metadata: is not answered'],
    [`- { key: a, ${day}, detailed_metric: true }`, '3 descriptors[0].detailed_metric: has no counterpart'],
    [
      `- { key: a, value: x*, share_threshold: true, descriptors: [{ key: a, ${day} }] }`,
      '3 descriptors[0].descriptors[0].share_threshold: of entries with the same key',
    ],
    [
      `- { key: a, value: x*, rate_limit: { unlimited: true } }\n  - { key: a, value: xy, ${day} }\n  - { key: a, ${day} }`,
      '5 descriptors[2]: is not looked at there where "a: x*" fits, and is here',
    ],
  ])('names what ours cannot say of %j', (descriptor, note) => {
    const { notes } = converted(`domain: d\ndescriptors:\n  ${descriptor}\n`)
    expect(notes).toEqual([expect.stringContaining(note)])
  })

  it("writes limitr's file with the same policies as it is read", () => {
    const text = readFileSync(new URL('../../../test/fixtures/limitr.json', import.meta.url), 'utf8')
    const { policies, notes } = converted(text, 'rate_limits.json')
    expect(notes).toEqual([])
    expect(policies).toEqual(parseConfig(text, 'rate_limits.json').policies)
  })

  it('refuses files with mistakes, and what is ours already', () => {
    expect(() => converted('domain: d\ndescriptors: [{ kye: a }]')).toThrow(
      'limits.yaml:2:17 descriptors[0].kye: unknown key "kye" (did you mean "key"?)',
    )
    expect(() => converted('version: 1\npolicies: []')).toThrow(
      'limits.yaml:1:1 is none of envoyproxy/ratelimit or limitr; there is nothing to convert',
    )
  })
})
