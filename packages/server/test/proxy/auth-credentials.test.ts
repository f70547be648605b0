import { describe, expect, it } from 'vitest'
import { refusalAnswer } from '../../src/proxy/auth/refusal-answer.ts'
import { newApiKey } from '../../src/service/identity/api-key-text.ts'
import type { AuthMethod } from '../../src/service/proxy-settings/auth-settings.ts'
import { type Asking, basic, bearer, Door, readKey, token } from './auth-door.ts'

describe('I-50 a request', () => {
  it('is judged by the first credential that is there: none saves it', async () => {
    const door = new Door()
    const text = await token()
    const wrongKey = ['x-api-key', newApiKey('reader')]
    expect(await door.who([...wrongKey, ...bearer(text)])).toBe('401 unknown-key')
    expect(await door.who([...wrongKey, ...bearer(text)], { require: ['jwt', 'apiKey'] })).toBe('jwt:alice')
    expect(await door.who([...wrongKey, ...bearer(text)], { require: ['jwt'] })).toBe('jwt:alice')
  })

  it('has one credential of a kind', async () => {
    const door = new Door()
    for (const fields of [
      ['x-api-key', readKey, 'x-api-key', readKey],
      ['x-api-key', readKey, ...bearer(readKey)],
      [...bearer(await token()), ...basic('alice', 'pässwörd')],
      ['authorization', 'Digest x', 'authorization', 'Digest x'],
    ]) {
      expect(await door.who(fields)).toBe('401 several-credentials')
    }
  })

  it('needs a credential that the route takes, with all of its scopes', async () => {
    const door = new Door()
    expect(await door.who([])).toBe('401 no-credential')
    expect(await door.who(['authorization', 'Digest x'])).toBe('401 no-credential')
    expect(await door.who(basic('alice', 'pässwörd'), { require: ['jwt'] })).toBe('401 no-credential')
    expect(await door.who(bearer(readKey), { require: ['basic'] })).toBe('401 no-credential')
    expect(await door.who(['x-api-key', readKey], { scopes: ['read'] })).toBe('apikey:reader')
    expect(await door.who(['x-api-key', readKey], { scopes: ['read', 'write'] })).toBe('403 lacks-scope')
  })

  it('is told how to authenticate', async () => {
    const door = new Door()
    const challenges = async (fields: string[], asking: Asking): Promise<unknown> => {
      const answer = await door.ask(fields, asking)
      return 'refused' in answer && answer.refused.challenges
    }
    const shop = 'Basic realm="Shop", charset="UTF-8"'
    expect(await challenges([], {})).toEqual(['Bearer', shop])
    expect(await challenges([], { require: ['basic'] })).toEqual([shop])
    expect(await challenges(bearer('x'), { require: ['jwt'] })).toEqual(['Bearer error="invalid_token"'])
    expect(await challenges(['x-api-key', readKey], { scopes: ['a', 'b'] })).toEqual([
      'Bearer error="insufficient_scope", scope="a b"',
    ])
    expect(await door.who([], { require: ['certificate'] })).toBe('403 no-credential')
  })

  it('is answered with a problem that has challenges and the time to wait', () => {
    const retryAfterSeconds = 6
    expect(
      refusalAnswer({ status: 429, why: 'too-many-attempts', challenges: [], retryAfterSeconds }),
    ).toMatchObject({
      outcome: 'unauthenticated',
      status: 429,
      fields: expect.arrayContaining(['retry-after', '6', 'cache-control', 'no-store']),
    })
    const refused = {
      status: 403,
      why: 'lacks-scope',
      challenges: ['A', 'B'],
      retryAfterSeconds: null,
    } as const
    const { outcome, fields } = refusalAnswer(refused)
    expect(outcome).toBe('forbidden')
    expect(fields.slice(-4)).toEqual(['www-authenticate', 'A', 'www-authenticate', 'B'])
  })

  it('is forwarded without what is for the proxy, and without a token that nobody has looked at', () => {
    const door = new Door()
    const all: AuthMethod[] = ['apiKey', 'jwt', 'basic']
    const rest = ['accept', '*/*', 'cookie', 'a=b']
    expect(door.kept(['x-api-key', readKey, ...rest], 'apiKey', all)).toEqual(rest)
    expect(door.kept([...bearer(readKey), ...rest], 'apiKey', ['apiKey'])).toEqual(rest)
    expect(door.kept([...rest, ...basic('a', 'b')], 'basic', all)).toEqual(rest)
    const withToken = [...rest, ...bearer('a.b.c')]
    expect(door.kept(withToken, 'jwt', all)).toBe(withToken)
    expect(door.kept(['x-api-key', readKey, ...withToken], 'apiKey', all)).toEqual(rest)
    // Where the route takes no tokens, it is between client and application.
    expect(door.kept(['x-api-key', readKey, ...withToken], 'apiKey', ['apiKey'])).toEqual(withToken)
  })
})
