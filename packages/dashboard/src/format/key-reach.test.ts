import { describe, expect, it } from 'vitest'
import { attributesOf, reachByKey, reachByValues, readAttributes, shownKeyText } from './key-reach.ts'

const USERS = { name: 'users', rules: ['5/min'], key: 'user' }
const PAIRS = { name: 'pairs', rules: ['5/min'], key: ['user', 'ip'] }
const ALL = { name: 'all', rules: ['5/min'], key: 'global' }
const TENANTS = { name: 'tenants', rules: ['5/min'], key: 'descriptor.tenant' }
const LISTS = { name: 'lists', rules: ['5/min'], key: 'descriptor' }

describe('a call about a key that was shown', () => {
  it.each([
    ['alice', USERS, { policy: 'users', attributes: { user: 'alice' } }],
    ['~5:alice7:1.2.3.4', PAIRS, { policy: 'pairs', attributes: { user: 'alice', ip: '1.2.3.4' } }],
    ['~g', ALL, { policy: 'all' }],
    ['~i1.2.3.4', USERS, { policy: 'users', attributes: { ip: '1.2.3.4' } }],
    ['acme', TENANTS, { policy: 'tenants', attributes: {}, descriptor: [{ key: 'tenant', value: 'acme' }] }],
  ])('is made of %s', (key, policy, reach) => {
    expect(reachByKey({ policy: policy.name, key }, policy)).toEqual(reach)
  })

  it.each([
    ['…96dc117c37ec', USERS],
    ['~h0123456789abcdef', USERS],
    ['~6:tenant4:acme', LISTS],
  ])('cannot be made of %s', (key, policy) => {
    expect(reachByKey({ policy: policy.name, key }, policy)).toBeNull()
  })

  it('is about a plain key where the policy is none of the configuration', () => {
    expect(reachByKey({ policy: 'http', key: 'job-7' }, undefined)).toEqual({
      policy: 'http',
      attributes: { key: 'job-7' },
    })
    expect(shownKeyText({ key: 'job-7' }, undefined)).toBe('job-7')
  })
})

describe('a call about what a person types', () => {
  it('has entries of a descriptor beside attributes', () => {
    expect(reachByValues('p', { user: 'alice', 'descriptor.tenant': 'acme' })).toEqual({
      policy: 'p',
      attributes: { user: 'alice' },
      descriptor: [{ key: 'tenant', value: 'acme' }],
    })
  })

  it('asks for the attributes of the key, and for none where everybody shares a budget', () => {
    expect([USERS, PAIRS, ALL, { name: 'plain', rules: [] }].map(attributesOf)).toEqual([
      ['user'],
      ['user', 'ip'],
      [],
      ['key'],
    ])
  })

  it.each([
    ['user=alice', { user: 'alice' }],
    [' user=alice  ip=192.0.2.7 ', { user: 'alice', ip: '192.0.2.7' }],
    ['user="a b" path=/x=y', { user: 'a b', path: '/x=y' }],
  ])('reads %s', (text, attributes) => {
    expect(readAttributes(text)).toEqual(attributes)
  })

  it.each(['alice', 'user=alice bob', 'user="a', ''])('says what is wrong with “%s”', (text) => {
    expect(readAttributes(text)).toMatch(/user=alice$/)
  })
})
