import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ANY_CHARACTER } from '../../../../limiter/test/any-character.ts'
import type { CanonicalRequest } from './canonical-request.ts'
import { outgoingFields, type ToldIdentity } from './outgoing-fields.ts'

const REQUEST: CanonicalRequest = {
  method: 'GET',
  path: '/',
  query: '',
  host: 'shop.example',
  authority: 'shop.example:8443',
  ip: '198.51.100.7',
  isSecure: true,
  requestId: 'r-1',
  fields: ['accept', '*/*'],
  body: 'none',
  contentLength: null,
  expectsContinue: false,
  upgrade: null,
}
const identityFields = { principal: 'x-auth-principal', scopes: 'x-auth-scopes' }

function outgoing(identity: ToldIdentity | null, request: Partial<CanonicalRequest> = {}): string[] {
  return outgoingFields({ ...REQUEST, ...request }, { identity, identityFields })
}

/** The value of the one field of a name. */
function valueIn(fields: readonly string[], name: string): string | undefined {
  const at = fields.findIndex((field, i) => i % 2 === 0 && field === name)
  return at < 0 ? undefined : fields[at + 1]
}

describe('outgoingFields', () => {
  it('says of the client what is known, before its own fields', () => {
    expect(outgoing(null)).toEqual([
      ...['host', 'shop.example:8443'],
      ...['x-forwarded-for', '198.51.100.7'],
      ...['x-forwarded-proto', 'https'],
      ...['x-forwarded-host', 'shop.example:8443'],
      ...['x-request-id', 'r-1'],
      ...['accept', '*/*'],
    ])
  })

  it('names no address where the client came by a Unix socket', () => {
    expect(outgoing(null, { ip: 'unix' })).not.toContain('x-forwarded-for')
  })

  it('says who it is of, if anybody', () => {
    const fields = outgoing({ principal: 'jwt:alice', scopes: ['read', 'write'] })
    expect(valueIn(fields, 'x-auth-principal')).toBe('jwt:alice')
    expect(valueIn(fields, 'x-auth-scopes')).toBe('read write')
    expect(outgoing({ principal: 'jwt:alice', scopes: [] })).not.toContain('x-auth-scopes')
  })

  it('takes fields without a credential in place of those of the request', () => {
    const fields = outgoingFields(REQUEST, { identity: null, identityFields, fields: ['x-a', 'b'] })
    expect(fields.slice(-2)).toEqual(['x-a', 'b'])
    expect(fields).not.toContain('accept')
  })

  it('I-10 tells any two principals apart, and lets none write a field or scope of its own', () => {
    const name = fc.string({ unit: ANY_CHARACTER, maxLength: 8 })
    fc.assert(
      fc.property(name, name, (one, other) => {
        const values = [one, other].map((principal) =>
          valueIn(outgoing({ principal, scopes: [principal] }), 'x-auth-principal'),
        )
        for (const value of values) expect(value).toMatch(/^[!-~]*$/)
        const areSame = one.toWellFormed() === other.toWellFormed()
        expect(values[0] === values[1]).toBe(areSame)
      }),
      { numRuns: 1000 },
    )
    expect(valueIn(outgoing({ principal: 'a', scopes: ['read admin', 'b\r\nc: d'] }), 'x-auth-scopes')).toBe(
      'read%20admin b%0D%0Ac:%20d',
    )
  })
})
