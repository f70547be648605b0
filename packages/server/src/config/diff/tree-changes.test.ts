import { describe, expect, it } from 'vitest'
import { parseConfig } from '../config.ts'
import { treeChanges } from './tree-changes.ts'

const domains = (...descriptors: readonly string[]) =>
  parseConfig(`domain: d\ndescriptors:\n${descriptors.map((one) => `  - { ${one} }\n`).join('')}`, 'a.yaml')
    .domains ?? []

const day = 'rate_limit: { unit: day, requests_per_unit: 2 }'

describe('trees of descriptors', () => {
  it('differ in what is found for entries, and not in the numbers of limits', () => {
    const before = domains(`key: a, ${day}`, 'key: b, value: x', `key: c, ${day}`)
    expect(
      treeChanges(before, domains(`key: a, ${day.replace('2', '3')}`, 'key: b, value: x', `key: c, ${day}`)),
    ).toEqual([])
    const after = domains(
      `key: a, quota_mode: true, ${day}`,
      'key: b, value: x, rate_limit: { unlimited: true }',
    )
    expect(treeChanges(before, after)).toEqual([
      { path: 'domains.d.a.quota', effect: 'other', message: 'nothing → true' },
      { path: 'domains.d.b=x.limit', effect: 'other', message: 'none → unlimited' },
      { path: 'domains.d.c', effect: 'other', message: '{"limit":"d.c"} → nothing' },
    ])
  })

  it('differ in the order of patterns', () => {
    const [one, other] = ['key: a, value: x*', 'key: a, value: "*y"']
    expect(treeChanges(domains(one, other), domains(other, one))).toEqual([
      { path: 'domains.d.order', effect: 'other', message: '["a=x*","a=*y"] → ["a=*y","a=x*"]' },
    ])
  })
})
