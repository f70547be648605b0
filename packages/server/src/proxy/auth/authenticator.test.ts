import { createHash, createSecretKey, scryptSync } from 'node:crypto'
import fc from 'fast-check'
import { SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { newApiKey } from '../../service/identity/api-key-text.ts'
import type { JwtSettings } from '../../service/identity/identity-settings.ts'
import type { AuthMethod, AuthSettings } from '../../service/proxy-settings/auth-settings.ts'
import { type Authentication, Authenticator, type AuthenticatorParts } from './authenticator.ts'
import { PasswordMemory } from './password-gate.ts'
import { refusalAnswer } from './refusal-answer.ts'

const START_MS = Date.parse('2026-12-01T12:00:00Z')
const HOUR_MS = 3_600_000
const [readKey, oldKey] = [newApiKey('reader'), newApiKey('old')]
const secret = createSecretKey(Buffer.alloc(32, 7))
const jwt: JwtSettings = {
  algorithms: ['HS256'],
  key: secret,
  issuer: 'https://login.example',
  audience: 'shop',
  clockToleranceSeconds: 5,
  header: 'authorization',
}

const digestOf = (key: string): string => createHash('sha256').update(key).digest('hex')
/** As cheap as hashes may be. */
function hashed(password: string): string {
  const salt = Buffer.alloc(16, 1)
  const base64 = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '')
  return `$scrypt$ln=14,r=8,p=1$${base64(salt)}$${base64(scryptSync(password, salt, 32, { N: 2 ** 14 }))}`
}

const settings: AuthSettings = {
  apiKeys: {
    header: 'x-api-key',
    keys: [
      { id: 'reader', hash: digestOf(readKey), scopes: ['read'], expiresAtMs: null },
      { id: 'old', hash: digestOf(oldKey), scopes: [], expiresAtMs: START_MS + HOUR_MS },
    ],
  },
  basic: {
    realm: 'Shop',
    users: {
      alice: { hash: hashed('pässwörd'), scopes: ['admin'] },
      zoë: { hash: hashed('other'), scopes: [] },
    },
  },
  certificates: { names: null, fingerprints: null, scopes: [] },
  identityFields: { principal: 'x-auth-principal', scopes: 'x-auth-scopes' },
}

/** An authenticator whose clock is moved by hand. */
class Door {
  nowMs = START_MS
  readonly #authenticator: Authenticator

  constructor(parts: Partial<AuthenticatorParts> = {}) {
    const memory = new PasswordMemory(() => this.nowMs)
    this.#authenticator = new Authenticator({ settings, jwt, memory, now: () => this.nowMs, ...parts })
  }

  ask(
    fields: readonly string[],
    { require = ['apiKey', 'jwt', 'basic'], scopes = [], ip = '192.0.2.1' }: Asking = {},
  ): Authentication | Promise<Authentication> {
    return this.#authenticator.authenticate({ fields, ip }, { certificate: () => null }, { require, scopes })
  }

  /** Whose it is, or status and reason. */
  async who(fields: readonly string[], asking: Asking = {}): Promise<string> {
    const answer = await this.ask(fields, asking)
    return 'identity' in answer ? answer.identity.principal : `${answer.refused.status} ${answer.refused.why}`
  }

  kept(fields: readonly string[], method: AuthMethod, require: readonly AuthMethod[]): readonly string[] {
    return this.#authenticator.withoutCredential(fields, { method }, require)
  }
}

interface Asking {
  readonly require?: readonly AuthMethod[]
  readonly scopes?: readonly string[]
  readonly ip?: string
}

const basic = (user: string, password: string): string[] => [
  'authorization',
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
]
async function token(claims: object = {}, header: object = {}): Promise<string> {
  const exp = START_MS / 1000 + 600
  return new SignJWT({ sub: 'alice', iss: 'https://login.example', aud: 'shop', exp, ...claims })
    .setProtectedHeader({ alg: 'HS256', ...header })
    .sign(secret)
}
const bearer = (text: string): string[] => ['authorization', `Bearer ${text}`]

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

describe('tokens', () => {
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

describe('passwords', () => {
  it('are hashed once for requests at once, and then not for 5 min', async () => {
    const door = new Door()
    const right = basic('alice', 'pässwörd')
    const answers = await Promise.all(Array.from({ length: 30 }, () => door.who(right)))
    expect(new Set(answers)).toEqual(new Set(['basic:alice']))
    door.nowMs += 5 * 60_000 - 1
    expect(door.ask(right)).toMatchObject({ identity: { scopes: ['admin'], attributes: { user: 'alice' } } })
    door.nowMs += 1
    expect(door.ask(right)).toBeInstanceOf(Promise)
    const moved = new Door({ settings: { ...settings, basic: { realm: 'Shop', users: {} } } })
    expect(await moved.who(right)).toBe('401 wrong-password')
  })

  it('take a name beyond ASCII, and one that has another meaning', async () => {
    const door = new Door()
    expect(await door.who(basic('zoë', 'other'))).toBe('basic:zoë')
    for (const user of ['__proto__', 'constructor', 'Alice']) {
      expect(await door.who(basic(user, 'pässwörd'))).toBe('401 wrong-password')
    }
  })

  it('can be tried ten times for a user, from wherever, before anything is hashed', async () => {
    const door = new Door()
    expect(await door.who(basic('alice', 'pässwörd'), { ip: '198.51.100.1' })).toBe('basic:alice')
    for (let i = 0; i < 10; i++) {
      expect(await door.who(basic('alice', `guess ${i}`), { ip: `192.0.2.${i}` })).toBe('401 wrong-password')
    }
    const refused = door.ask(basic('alice', 'pässwörd'), { ip: '203.0.113.9' })
    expect(refused).toEqual({
      refused: { status: 429, why: 'too-many-attempts', challenges: [], retryAfterSeconds: 6 },
    })
    // Who has been here before is let in all the same, and others have attempts of their own.
    expect(await door.who(basic('alice', 'pässwörd'), { ip: '198.51.100.1' })).toBe('basic:alice')
    expect(await door.who(basic('zoë', 'other'), { ip: '203.0.113.9' })).toBe('basic:zoë')
    door.nowMs += 6000
    expect(await door.who(basic('alice', 'pässwörd'), { ip: '203.0.113.9' })).toBe('basic:alice')
  })

  it('can be tried ten times from an address, or a network of IPv6, for whomever', async () => {
    const door = new Door()
    for (let i = 0; i < 10; i++) {
      expect(await door.who(basic(`nobody${i}`, 'x'), { ip: `2001:db8::${i}` })).toBe('401 wrong-password')
    }
    expect(await door.who(basic('alice', 'pässwörd'), { ip: '2001:db8::ffff' })).toBe('429 too-many-attempts')
    expect(await door.who(basic('alice', 'pässwörd'), { ip: '2001:db9::1' })).toBe('basic:alice')
  })

  it('are not waited for where too many are: nothing is counted then', async () => {
    const door = new Door()
    const asked = Array.from({ length: 70 }, (_, i) =>
      door.who(basic(`user${i}`, 'x'), { ip: `192.0.2.${i}` }),
    )
    expect(await asked[69]).toBe('503 busy')
    const answers = await Promise.all(asked)
    expect(answers.filter((one) => one === '401 wrong-password')).toHaveLength(66)
    expect(await door.who(basic('alice', 'pässwörd'), { ip: '192.0.2.69' })).toBe('basic:alice')
  }, 15_000)

  it('on a Unix socket come from one place', async () => {
    expect(await new Door().who(basic('alice', 'pässwörd'), { ip: 'unix' })).toBe('basic:alice')
  })

  it('are refused where they cannot be read', async () => {
    expect(await new Door().who(['authorization', 'Basic !'])).toBe('401 malformed')
  })
})

describe('a request', () => {
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
