import { describe, expect, it } from 'vitest'
import { attributesOf, reachByValues, reachText, shownKeyText } from './key-reach.ts'

const USERS = { name: 'users', rules: ['5/min'], key: 'user' }
const PAIRS = { name: 'pairs', rules: ['5/min'], key: ['user', 'ip'] }
const ALL = { name: 'all', rules: ['5/min'], key: 'global' }

describe('a key that was shown', () => {
  it.each([
    ['alice', USERS, 'alice'],
    ['~5:alice7:1.2.3.4', PAIRS, 'alice · 1.2.3.4'],
    ['~g', ALL, 'everybody'],
    ['job-7', undefined, 'job-7'],
  ])('%s is told in words', (key, policy, text) => {
    expect(shownKeyText({ key }, policy)).toBe(text)
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

  it('is told by its value, and by the names of several', () => {
    expect(reachText({ attributes: { user: 'alice' } })).toBe('alice')
    expect(reachText({ attributes: { user: 'alice', ip: '192.0.2.3' } })).toBe('user=alice · ip=192.0.2.3')
    expect(reachText({ attributes: { user: 'alice' }, descriptor: [{ key: 'tenant', value: 'acme' }] })).toBe(
      'user=alice · descriptor.tenant=acme',
    )
    expect(reachText({ attributes: {} })).toBe('everybody')
  })
})
