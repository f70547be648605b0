import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { apiKeyHash, newApiKey } from '../../service/identity/api-key-text.ts'
import { ApiKeyRegister } from './api-key-register.ts'

const EXPIRES_MS = 1000
const key = newApiKey('shop')
const register = () =>
  new ApiKeyRegister([
    { id: 'shop', hash: apiKeyHash(key).toString('hex'), scopes: ['read'], expiresAtMs: EXPIRES_MS },
  ])

describe('ApiKeyRegister', () => {
  it('says the same of a key the first time and later, and whatever else was asked before', () => {
    const others = fc.oneof(
      fc.constantFrom(newApiKey('shop'), newApiKey('other'), `${key}A`, key.slice(0, -1), ''),
      fc
        .nat(key.length - 1)
        .map((at) => `${key.slice(0, at)}${key[at] === 'x' ? 'y' : 'x'}${key.slice(at + 1)}`),
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constant(key), others), { maxLength: 12 }), (asked) => {
        const keys = register()
        for (const one of asked) {
          const found = keys.verify(one, 0)
          if (one === key) expect(found).toMatchObject({ method: 'apiKey', principal: 'apikey:shop' })
          else expect(found).toEqual({ why: 'unknown-key' })
        }
      }),
    )
  })

  it('takes a key that it has taken before no longer once it has expired', () => {
    const keys = register()
    expect(keys.verify(key, EXPIRES_MS - 1)).toMatchObject({ principal: 'apikey:shop' })
    expect(keys.verify(key, EXPIRES_MS)).toEqual({ why: 'expired-key' })
  })
})
