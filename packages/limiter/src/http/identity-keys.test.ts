import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  byApiKey,
  byBearerToken,
  byCookie,
  byHeader,
  bySubject,
  type IdentifiedRequest,
} from './identity-keys.ts'

function requestOf(fields: Readonly<Record<string, string>>): IdentifiedRequest {
  return { header: (name) => fields[name] }
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32)
const byEach = [
  byHeader('x-tenant'),
  byApiKey(),
  byApiKey({ header: 'X-Token' }),
  byBearerToken(),
  byCookie('sid'),
]
const tooMany = (path: string) => expect.objectContaining({ code: 'invalid-key', path })

describe('keys of an identity', () => {
  it.each([
    ['the field', byHeader('X-Tenant'), { 'x-tenant': ' acme ' }, 'x-tenant=acme'],
    ['the digest of an API key', byApiKey(), { 'x-api-key': ' k1' }, `x-api-key=${digestOf('k1')}`],
    [
      'an API key of another field',
      byApiKey({ header: 'X-Key' }),
      { 'x-key': 'k1' },
      `x-key=${digestOf('k1')}`,
    ],
    [
      'the digest of a token',
      byBearerToken(),
      { authorization: 'bEARER  a.b.c ' },
      `bearer=${digestOf('a.b.c')}`,
    ],
    ['nothing of another scheme', byBearerToken(), { authorization: 'Basic YTpi' }, undefined],
    ['nothing of another scheme like it', byBearerToken(), { authorization: 'BearerX a' }, undefined],
    ['the digest of a cookie', byCookie('sid'), { cookie: 'a=1; sid=s1; b' }, `cookie.sid=${digestOf('s1')}`],
    ['no other cookie', byCookie('sid'), { cookie: 'SID=s1; sid2=s1; x=sid=s1; sid' }, undefined],
    ['an empty cookie as none', byCookie('sid'), { cookie: 'sid=' }, undefined],
    ['one cookie sent twice', byCookie('sid'), { cookie: 'sid=s1; sid=s1' }, `cookie.sid=${digestOf('s1')}`],
    ['a cookie with =', byCookie('sid'), { cookie: 'sid=s==' }, `cookie.sid=${digestOf('s==')}`],
    [
      'a cookie that does not decode',
      byCookie('sid'),
      { cookie: 'sid=%ZZ' },
      `cookie.sid=${digestOf('%ZZ')}`,
    ],
  ])('have %s', (_, keyOf, fields, expected) => {
    expect(keyOf(requestOf(fields))).toBe(expected)
  })

  it('are none where fields are absent or empty, or have another spelling', () => {
    const empty = { 'x-tenant': '', 'x-api-key': ' ', 'x-token': '', authorization: '', cookie: ' ;=; ' }
    const others = { x_tenant: 'a', X_Api_Key: 'a', xtoken: 'a', x_authorization: 'Bearer a' }
    for (const keyOf of byEach) {
      for (const fields of [{}, empty, others]) expect(keyOf(requestOf(fields))).toBeUndefined()
    }
  })

  it('are one for all spellings of one session', () => {
    const keyOf = byCookie('sid')
    for (const spelled of ['s%3Aabc', 's%3aabc', 's:abc', '%73:a%62c', '"s:abc"', ' s:abc ']) {
      expect(keyOf(requestOf({ cookie: `sid=${spelled}` }))).toBe(`cookie.sid=${digestOf('s:abc')}`)
    }
  })

  it.each([
    [byHeader('x-tenant'), 'x-tenant', 'a, b'],
    [byApiKey(), 'x-api-key', 'secret,secret'],
    [byApiKey(), 'x-api-key', 'secret,'],
    [byBearerToken(), 'authorization', 'Bearer secret, Bearer secret'],
    [byBearerToken(), 'authorization', 'Bearer secret,secret'],
    [byBearerToken(), 'authorization', 'Bearer secret secret'],
    [byBearerToken(), 'authorization', 'Bearer'],
    [byCookie('sid'), 'cookie', 'sid=secret; sid=secret2'],
  ])('refuse two values, without repeating them: %#', (keyOf, name, value) => {
    const ask = (): unknown => keyOf(requestOf({ [name]: value }))
    expect(ask).toThrow(tooMany(name))
    expect(ask).not.toThrow('secret')
  })

  it('never have a secret in them, and tell all secrets apart', () => {
    const secret = fc.string({ unit: fc.constantFrom(...'abcXYZ019-._~+/'), minLength: 8 })
    fc.assert(
      fc.property(secret, secret, (one, other) => {
        for (const [keyOf, name, before] of [
          [byApiKey(), 'x-api-key', ''],
          [byBearerToken(), 'authorization', 'Bearer '],
          [byCookie('sid'), 'cookie', 'sid='],
        ] as const) {
          const [a, b] = [one, other].map((text) => keyOf(requestOf({ [name]: before + text })))
          expect(a).not.toContain(one)
          expect(a === b).toBe(one === other)
        }
      }),
    )
  })

  it.each([
    [() => byHeader('x tenant'), 'name: "x tenant" is no name of a header field'],
    [() => byHeader(undefined as never), 'name: undefined is no name of a header field'],
    [() => byApiKey({ headers: 'x' } as never), 'options: unknown field "headers" (did you mean "header"?)'],
    [() => byApiKey({ header: '' }), 'header: "" is no name of a header field'],
    [() => byCookie('a;b'), 'name: "a;b" is no name of a cookie'],
  ])('refuse names that cannot be', (make, message) => {
    expect(make).toThrow(message)
  })
})

describe('bySubject', () => {
  const keyOf = bySubject((request: { auth?: unknown }) => request.auth as object)

  it.each([
    [{ sub: 'alice' }, 'sub=alice'],
    [{ sub: 7 }, 'sub=7'],
    [{ sub: '' }, undefined],
    [{ sub: ['alice'] }, undefined],
    [{ name: 'alice' }, undefined],
    [Object.create({ sub: 'alice' }), undefined],
    [undefined, undefined],
    [null, undefined],
  ])('of %j is %j', (auth, expected) => {
    expect(keyOf({ auth })).toBe(expected)
  })

  it.each(['secret.secret.secret', Promise.resolve({ sub: 'alice' }), ['alice']])(
    'refuses what is no claims: %#',
    (auth) => {
      expect(() => keyOf({ auth })).toThrow(expect.objectContaining({ code: 'invalid-options' }))
      expect(() => keyOf({ auth })).not.toThrow('secret')
    },
  )
})
