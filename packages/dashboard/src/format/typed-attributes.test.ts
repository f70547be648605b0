import { describe, expect, it } from 'vitest'
import { knownAttributes, readAttributes } from './typed-attributes.ts'

const KNOWN = knownAttributes([
  { name: 'users', rules: ['5/min'], key: 'user', match: { domain: 'shop' } },
  { name: 'pairs', rules: ['5/min'], key: ['user', 'ip', 'path'] },
  { name: 'all', rules: ['5/min'], key: 'global' },
])

describe('attributes as a person types them', () => {
  it('are those of keys, and what policies match', () => {
    expect([...KNOWN]).toEqual(['user', 'domain', 'ip', 'path'])
  })

  it.each([
    ['user=alice', { user: 'alice' }],
    [' user=alice  ip=192.0.2.7 ', { user: 'alice', ip: '192.0.2.7' }],
    ['user="a b" path=/x=y', { user: 'a b', path: '/x=y' }],
    ['user="<img src=x onerror=alert(1)>"', { user: '<img src=x onerror=alert(1)>' }],
    ['user=a,b domain=shop', { user: 'a,b', domain: 'shop' }],
    ['user="alice,ip=1.2.3.4"', { user: 'alice,ip=1.2.3.4' }],
  ])('%s is read', (text, attributes) => {
    expect(readAttributes(text, KNOWN)).toEqual(attributes)
  })

  it.each([
    ['alice', '“alice” is no attribute'],
    ['user=alice bob', '“bob” is no attribute'],
    ['user="a', '“user="a” is no attribute'],
    ['', 'Write at least one'],
    ['user=<img src=x onerror=alert(1)>', 'No policy knows src or onerror, but user, domain, ip, path.'],
    ['usr=alice', 'No policy knows usr'],
    ['user=alice,ip=1.2.3.4', 'Write a blank before ip, and no comma'],
    ['user=alice user=bob', 'user is there twice'],
  ])('%s is refused, with what was not understood', (text, problem) => {
    expect(readAttributes(text, KNOWN)).toContain(problem)
  })
})
