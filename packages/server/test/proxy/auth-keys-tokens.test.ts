import { createSecretKey } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bearer, Door, HOUR_MS, jwt, oldKey, readKey, START_MS, token } from './auth-door.ts'

describe('API keys', () => {
  it('are known by their field, or as bearer tokens, at once', () => {
    const door = new Door()
    for (const fields of [
      ['x-api-key', readKey],
      bearer(readKey),
      ['authorization', `bearer   ${readKey} `],
    ]) {
      expect(door.ask(fields)).toEqual({
        identity: {
          principal: 'apikey:reader',
          method: 'apiKey',
          scopes: ['read'],
          attributes: { principal: 'apikey:reader', apiKey: 'reader' },
          claims: null,
        },
      })
    }
  })

  it('are good until they expire', async () => {
    const door = new Door()
    door.nowMs += HOUR_MS - 1
    expect(await door.who(['x-api-key', oldKey])).toBe('apikey:old')
    door.nowMs += 1
    expect(await door.who(['x-api-key', oldKey])).toBe('401 expired-key')
  })

  it('are refused wherever a single character differs, or an id is that of another', async () => {
    const door = new Door()
    fc.assert(
      fc.property(
        fc.nat(readKey.length - 1),
        fc.constantFrom('a', 'Z', '0', '_', ' ', ',', 'é'),
        (at, other) => {
          fc.pre(readKey[at] !== other)
          const key = readKey.slice(0, at) + other + readKey.slice(at + 1)
          const answer = door.ask(['x-api-key', key])
          expect(answer).toMatchObject({ refused: { status: 401, why: 'unknown-key' } })
        },
      ),
    )
    for (const key of [
      '',
      'hgk_',
      `${readKey}, ${readKey}`,
      readKey.replace('reader', 'old'),
      'x'.repeat(1_000_000),
    ]) {
      expect(await door.who(['x-api-key', key])).toBe('401 unknown-key')
    }
  })
})

describe('I-50 tokens', () => {
  it('give subject, scopes and claims', async () => {
    const claims = { scope: 'read write:all', role: 'clerk' }
    const answer = await new Door().ask(bearer(await token(claims)), { scopes: ['write:all'] })
    expect(answer).toMatchObject({
      identity: {
        principal: 'jwt:alice',
        method: 'jwt',
        scopes: ['read', 'write:all'],
        attributes: { principal: 'jwt:alice', user: 'alice' },
        claims: { role: 'clerk', sub: 'alice' },
      },
    })
    const listed = await new Door().ask(bearer(await token({ scp: ['a', 'b c', 7, 'd\r\n'] })))
    expect(listed).toMatchObject({ identity: { scopes: ['a'] } })
  })

  it.each<[string, () => Promise<string> | string]>([
    ['no signature', () => `${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`],
    ['another issuer', () => token({ iss: 'https://other.example' })],
    ['another audience', () => token({ aud: 'bank' })],
    ['an end that has passed', () => token({ exp: START_MS / 1000 - 6 })],
    ['a beginning that has not come', () => token({ nbf: START_MS / 1000 + 6 })],
    ['critical headers that nobody knows', () => token({}, { crit: ['exp'], exp: 1 }).catch(() => 'a.b.c')],
    ['no subject', () => token({ sub: undefined })],
    ['an empty subject', () => token({ sub: '' })],
    ['a subject that is no text', () => token({ sub: 7 })],
    ['a subject of two lines', () => token({ sub: 'alice\r\nx-admin: 1' })],
    ['half of a character as a subject', () => token({ sub: '\ud800' })],
    ['a subject without end', () => token({ sub: 'x'.repeat(257) })],
    ['a megabyte', () => 'x'.repeat(1_000_000)],
    ['nothing', () => ''],
    ['two words', async () => `${await token()} x`],
  ])('are refused with %s', async (_, make) => {
    expect(await new Door().who(bearer(await make()))).toBe('401 invalid-token')
  })

  it('hold within the tolerance of the clock', async () => {
    const door = new Door()
    expect(await door.who(bearer(await token({ exp: START_MS / 1000 - 4 })))).toBe('jwt:alice')
  })

  it('are verified once in a minute, end when they expire, and with their configuration', async () => {
    const door = new Door()
    const fields = bearer(await token({ exp: START_MS / 1000 + 90 }))
    expect(door.ask(fields)).toBeInstanceOf(Promise)
    await door.ask(fields)
    expect(door.ask(fields)).toMatchObject({ identity: { principal: 'jwt:alice' } })
    door.nowMs += 60_000
    expect(door.ask(fields)).toBeInstanceOf(Promise)
    await door.ask(fields)
    door.nowMs += 34_999
    expect(door.ask(fields)).not.toBeInstanceOf(Promise)
    door.nowMs += 1
    expect(await door.who(fields)).toBe('401 invalid-token')
    const reloaded = new Door({ jwt: { ...jwt, key: createSecretKey(Buffer.alloc(32, 8)) } })
    expect(await reloaded.who(fields)).toBe('401 invalid-token')
  })

  it('come as the whole value of another field, where the configuration names one', async () => {
    const door = new Door({ jwt: { ...jwt, header: 'x-token' } })
    const text = await token()
    expect(await door.who(['x-token', text])).toBe('jwt:alice')
    expect(await door.who(bearer(text))).toBe('401 no-credential')
    expect(await door.who(['x-token', text, 'x-token', text])).toBe('401 several-credentials')
  })
})
