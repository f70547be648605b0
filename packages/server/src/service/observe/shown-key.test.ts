import { createLimiter, memoryStore, type PolicyOptions } from 'headgate'
import { expect, it } from 'vitest'
import { readableShownKey } from './shown-key.ts'

const rules = ['1/min'] as const

it.each<[PolicyOptions['key'], Record<string, string>, string]>([
  [['ip', 'user'], { ip: '10.0.0.8', user: 'bob' }, 'ip=10.0.0.8 user=bob'],
  [['ip', 'user'], { ip: '10.0.0.8', user: '~g:3' }, 'ip=10.0.0.8 user=~g:3'],
  [['ip', 'user'], { ip: '10.0.0.8' }, 'ip=10.0.0.8'],
  ['user', { ip: '10.0.0.8' }, 'ip=10.0.0.8'],
  ['user', { user: '~g' }, '~g'],
  ['user', { user: 'bob' }, 'bob'],
  ['global', {}, 'everybody'],
])('a key by %j of %j reads %s', (key, who, words) => {
  const policy: PolicyOptions = { name: 'one', rules: [...rules], ...(key !== undefined && { key }) }
  const limiter = createLimiter({ store: memoryStore(), policies: [policy] })
  const [view] = limiter.policies.keysOf(who)
  expect(readableShownKey(view?.key ?? '', policy)).toBe(words)
})

it('a key with what may be a secret stays hidden, and one that is too long is cut', () => {
  const policy = (key: PolicyOptions['key'] & {}): PolicyOptions => ({ name: 'one', rules: [...rules], key })
  expect(readableShownKey('~8:10.0.0.86:secret', policy(['ip', 'apiKey']))).toMatch(/^…[0-9a-f]{12}$/)
  const long = `~8:10.0.0.8300:${'x'.repeat(300)}`
  expect(readableShownKey(long, policy(['ip', 'user']))).toMatch(/^ip=10\.0\.0\.8 user=x+…[0-9a-f]{12}$/)
})
