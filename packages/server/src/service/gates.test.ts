import type { PolicyOptions } from 'headgate'
import { describe, expect, it } from 'vitest'
import type { Configuration } from './configuration.ts'
import { GATE_ATTRIBUTE, Gates } from './gates.ts'
import type { OutcomePolicy, ProxySettings } from './proxy-settings/proxy-settings.ts'

const rules = ['9/s']

interface Given {
  readonly policies?: readonly PolicyOptions[]
  readonly attributes?: Readonly<Record<string, readonly string[]>>
  readonly lists?: Partial<Pick<Configuration, 'allow' | 'deny'>>
  readonly ignoreCase?: boolean
  readonly outcomes?: readonly OutcomePolicy[]
}

function gatesOf({ policies = [], attributes = {}, lists, ignoreCase = false, outcomes = [] }: Given): Gates {
  return new Gates({
    policies,
    allow: {},
    deny: {},
    ...lists,
    identity: { trustedProxies: [], attributes },
    proxy: { paths: { ignoreCase, encoded: 'refuse' }, outcomes } as unknown as ProxySettings,
  })
}

function gateOf(policy: Omit<PolicyOptions, 'name' | 'rules'>, given: Given = {}): unknown {
  const [first] = gatesOf({ ...given, policies: [{ name: 'p', rules, ...policy }] }).policies
  return [first?.match?.[GATE_ATTRIBUTE]].flat()[0]
}

describe('a policy is asked', () => {
  it.each<[Omit<PolicyOptions, 'name' | 'rules'>]>([
    [{ key: 'ip' }],
    [{ key: 'global' }],
    [{ key: ['ip', 'host'], match: { method: 'POST', path: '/v2/**' } }],
    [{ key: 'tenant' }],
  ])('before authentication where all that it asks for is known then: %j', (policy) => {
    expect(gateOf(policy, { attributes: { tenant: ['header.x-tenant', 'query.t'] } })).toBe('address')
  })

  it.each<[Omit<PolicyOptions, 'name' | 'rules'>]>([
    [{ key: 'principal' }],
    [{ key: 'apiKey' }],
    [{ key: 'user' }],
    [{ key: 'unheard-of' }],
    [{ key: 'ip', match: { role: 'admin' } }],
    [{ key: 'ip', overrides: [{ match: { user: 'vip' }, rules: {} }] }],
    [{ key: 'ip', cost: 'units' }],
  ])('after it, where it asks for anything else: %j', (policy) => {
    const attributes = { user: ['jwt.sub', 'header.x-user-id'], role: ['jwt.role'] }
    expect(gateOf(policy, { attributes })).toBe('principal')
  })

  it('with all others of its group, where one of them is asked late', () => {
    const choose = { group: 'g', by: 'path' } as const
    const policies = [
      { name: 'early', key: 'ip', rules, choose },
      { name: 'late', key: 'user', rules, choose },
      { name: 'beside', key: 'ip', rules },
    ]
    const gates = gatesOf({ policies }).policies.map(({ match }) => match?.[GATE_ATTRIBUTE])
    expect(gates).toEqual([
      ['principal', 'all'],
      ['principal', 'all'],
      ['address', 'all'],
    ])
  })

  it('by itself where the response settles it', () => {
    const outcomes = [{ policy: 'p', statuses: [[401, 401] as const], costField: null }]
    const gates = gatesOf({ policies: [{ name: 'p', key: 'ip', rules }], outcomes })
    expect(gates.policies[0]?.match).toEqual({ [GATE_ATTRIBUTE]: ['outcome p', 'all'] })
    expect(gates.outcomes).toEqual({ address: outcomes, principal: [] })
    expect([gates.has('address'), gates.has('principal')]).toEqual([false, false])
  })
})

describe('a gate', () => {
  it('is passed unasked where nothing is asked there', () => {
    const gates = gatesOf({ policies: [{ name: 'p', key: 'ip', rules }] })
    expect([gates.has('address'), gates.has('principal')]).toEqual([true, false])
  })

  it('is asked where a list is', () => {
    expect(gatesOf({ lists: { deny: { ip: '10.0.0.1' } } }).has('address')).toBe(true)
    const late = gatesOf({ lists: { deny: [{ apiKey: 'revoked' }] } })
    expect([late.has('address'), late.has('principal')]).toEqual([true, true])
  })
})

it('without a proxy policies and lists stay as they are', () => {
  const policies = [{ name: 'p', key: 'ip', rules }]
  const gates = new Gates({ policies, allow: {}, deny: { user: 'x' } })
  expect(gates.policies).toBe(policies)
  expect(gates.lists).toEqual({ allow: {}, deny: { user: 'x' } })
})

it('where case does not matter, patterns of paths are in lower case', () => {
  const policies = [{ name: 'p', key: 'ip', match: { path: '/Login' }, rules }]
  const { policies: folded, lists } = gatesOf({
    policies,
    ignoreCase: true,
    lists: { deny: { path: '/Admin' } },
  })
  expect(folded[0]?.match?.['path']).toBe('/login')
  expect(lists.deny).toEqual({ path: '/admin' })
})
