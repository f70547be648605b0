import { describe, expect, it } from 'vitest'
import type { Who } from '../core/key.ts'
import { compileKeyText } from './key-text.ts'
import type { RateLimitOptions } from './rate-limit-options.ts'

const headers = { partitionKey: { secret: 'a secret of a test' } }

function textBy(options: RateLimitOptions<unknown>, who: Who): string | undefined {
  const needsAttributes = options.allow !== undefined
  return compileKeyText({ limit: '1/min', headers, ...options, needsAttributes, ignoresCase: false })?.(who)
}

describe('whose budget it is, as a text', () => {
  it.each<[string, RateLimitOptions<unknown>, Who, string | undefined]>([
    ['a plain key', {}, '203.0.113.7', '203.0.113.7'],
    ['the network of an address of IPv6', { allow: {} }, { ip: '2001:db8::1' }, '2001:db8:0:0:0:0:0:0'],
    ['an attribute', { key: 'user' }, { user: 'alice', ip: '203.0.113.7' }, 'alice'],
    ['several attributes', { key: ['user', 'ip'] }, { user: 'al', ip: '1.2.3.4' }, '~2:al7:1.2.3.4'],
    ['the address of who has no such attribute', { key: 'user' }, { ip: '1.2.3.4' }, '~i1.2.3.4'],
    ['nothing where neither is known', { key: 'user' }, {}, undefined],
    ['the budget of everybody', { key: 'global' }, {}, '~g'],
  ])('is %s', (_, options, who, text) => {
    expect(textBy(options, who)).toBe(text)
  })

  it('is not asked for without a partition key, nor one text where policies have keys of their own', () => {
    const options = { limit: '1/min', needsAttributes: false, ignoresCase: false }
    expect(compileKeyText(options)).toBe(null)
    expect(compileKeyText({ ...options, headers: false })).toBe(null)
    const { limit: _, ...rest } = options
    const policies = [{ name: 'p', key: 'user', rules: ['1/min'] }]
    expect(compileKeyText({ ...rest, policies, headers })).toBe(null)
  })
})
