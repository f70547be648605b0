import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { AUTH_METHODS, type AuthMethod } from '../../service/proxy-settings/auth-settings.ts'
import { formatPath } from '../config-error.ts'
import { explain, flatten } from '../issues.ts'
import { proxyAuthShape, requireShape, scopesShape } from '../schema/proxy-auth-shape.ts'
import { strictMap } from '../schema/strict-map.ts'
import { missingFor, readAuth } from './read-auth.ts'

const folder = mkdtempSync(join(tmpdir(), 'headgate-auth-'))
afterAll(() => rmSync(folder, { recursive: true }))

const shape = strictMap(proxyAuthShape)
const digits = 'ab'.repeat(32)
const hash = `sha256:${digits}`
const scrypt = `$scrypt$ln=15,r=8,p=3$YW55IHNhbHQgb2YgMTYgYg$${'A'.repeat(43)}`

/** The settings of a file, or its mistakes, a line each. */
function read(file: object, tokenHeader = 'authorization'): unknown {
  const { data, error } = shape.safeParse(file, { error: (issue) => explain(issue) })
  const settings =
    data === undefined ? error.issues.flatMap((one) => flatten(one)) : readAuth(data, { folder, tokenHeader })
  return 'length' in settings
    ? settings.map(({ path, message }) => `${formatPath(path)}: ${message}`)
    : settings
}

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text)
  return name
}

describe('who the clients of the proxy are', () => {
  it('is nobody in particular by default', () => {
    expect(read({})).toEqual({
      apiKeys: null,
      basic: null,
      certificates: { names: null, fingerprints: null, scopes: [] },
      identityFields: { principal: 'x-auth-principal', scopes: 'x-auth-scopes' },
    })
  })

  it('is read with all defaults', () => {
    const file = {
      apiKeys: {
        keys: [
          { id: 'shop', hash },
          { id: 'a.b-c', hash, scopes: ['read'], expires: '2027-01-31' },
        ],
      },
      basic: { users: { alice: scrypt, 'bob@shop': { hash: scrypt, scopes: ['admin'] } } },
      certificates: { names: ['a.example'], fingerprints: [digits.toUpperCase().replace(/..(?=.)/g, '$&:')] },
      identity: { principal: 'X-User' },
    }
    expect(read(file)).toEqual({
      apiKeys: {
        header: 'x-api-key',
        keys: [
          { id: 'shop', hash: digits, scopes: [], expiresAtMs: null },
          { id: 'a.b-c', hash: digits, scopes: ['read'], expiresAtMs: Date.UTC(2027, 0, 31) },
        ],
      },
      basic: {
        realm: 'headgate',
        users: { alice: { hash: scrypt, scopes: [] }, 'bob@shop': { hash: scrypt, scopes: ['admin'] } },
      },
      certificates: { names: ['a.example'], fingerprints: [digits], scopes: [] },
      identityFields: { principal: 'x-user', scopes: 'x-auth-scopes' },
    })
  })

  it('is plain data, which threads send to each other', () => {
    const settings = read({ basic: { users: { alice: scrypt } } })
    expect(structuredClone(settings)).toEqual(settings)
  })

  it('stands in files beside the configuration as well', () => {
    const keysFile = write(
      'keys.yaml',
      `- { id: a, hash: "${hash}", scopes: [read] }\n- { id: b, hash: "${hash}" }\n`,
    )
    const usersFile = write('users', `# of the shop\n\nalice:${scrypt}\r\nbob:${scrypt}:admin,read\n`)
    expect(read({ apiKeys: { keysFile, keys: [{ id: 'c', hash }] }, basic: { usersFile } })).toMatchObject({
      apiKeys: { keys: [{ id: 'c' }, { id: 'a', scopes: ['read'] }, { id: 'b' }] },
      basic: { users: { alice: { scopes: [] }, bob: { hash: scrypt, scopes: ['admin', 'read'] } } },
    })
    const json = write('keys.json', JSON.stringify([{ id: 'd', hash }]))
    expect(read({ apiKeys: { keysFile: json } })).toMatchObject({ apiKeys: { keys: [{ id: 'd' }] } })
  })

  it.each<[string, object, string]>([
    [
      'a key in place of its hash',
      { apiKeys: { keys: [{ id: 'a', hash: 'hgk_secret' }] } },
      'apiKeys.keys[0].hash: is not the hash of a key',
    ],
    [
      'a number as a hash',
      { apiKeys: { keys: [{ id: 'a', hash: 123456 }] } },
      'apiKeys.keys[0].hash: is not the hash of a key',
    ],
    [
      'an id that keys cannot have',
      { apiKeys: { keys: [{ id: 'a_b', hash }] } },
      'apiKeys.keys[0].id: is not an id',
    ],
    [
      'two keys of one id',
      {
        apiKeys: {
          keys: [
            { id: 'a', hash },
            { id: 'a', hash },
          ],
        },
      },
      'proxy.apiKeys.keys[1].id: "a" is there twice',
    ],
    ['no key at all', { apiKeys: {} }, 'proxy.apiKeys: has no key; give keys or keysFile'],
    [
      'a day that there is not',
      { apiKeys: { keys: [{ id: 'a', hash, expires: '2027-02-32' }] } },
      'is a time that there is not',
    ],
    [
      'a time without offset',
      { apiKeys: { keys: [{ id: 'a', hash, expires: '2027-02-01T10:00' }] } },
      'is not a time',
    ],
    ['a scope with a blank', { apiKeys: { keys: [{ id: 'a', hash, scopes: ['a b'] }] } }, 'is not a scope'],
    [
      'a field with another meaning',
      { apiKeys: { header: 'Cookie', keys: [{ id: 'a', hash }] } },
      'proxy.apiKeys.header: cookie has another meaning already',
    ],
    [
      'one field for two things',
      { identity: { principal: 'x-user', scopes: 'X-User' } },
      'proxy.identity.scopes: x-user has another meaning already',
    ],
    [
      'a password in place of its hash',
      { basic: { users: { alice: 'secret' } } },
      'proxy.basic.users.alice: is not the hash of a password',
    ],
    [
      'a password of digits',
      { basic: { users: { alice: 123456 } } },
      'basic.users.alice: is not the hash of a password',
    ],
    ['a user with a colon', { basic: { users: { 'a:b': scrypt } } }, 'basic.users'],
    ['no user at all', { basic: { realm: 'Shop' } }, 'proxy.basic: has no user'],
    [
      'a realm that ends early',
      { basic: { realm: 'a"b', users: { alice: scrypt } } },
      'basic.realm: is not a realm',
    ],
    [
      'a short fingerprint',
      { certificates: { fingerprints: ['ab:cd'] } },
      'certificates.fingerprints[0]: is not the SHA-256',
    ],
    ['an unknown key', { basic: { user: {} } }, 'basic.user: unknown key "user" (did you mean "users"?)'],
    [
      'a file that is missing',
      { apiKeys: { keysFile: 'nothing' } },
      'proxy.apiKeys.keysFile: cannot be read as a file of up to 2 MiB',
    ],
    [
      'a device',
      { basic: { usersFile: '/dev/zero' } },
      'proxy.basic.usersFile: cannot be read as a file of up to 2 MiB',
    ],
  ])('is not read of %s, which is not repeated', (_, file, message) => {
    const mistakes = read(file)
    expect(mistakes).toEqual([expect.stringContaining(message)])
    expect(String(mistakes)).not.toMatch(/secret|123456/)
  })

  it.each<[string, string, object, string]>([
    [
      'a key that is wrong',
      `- { id: a, hash: "${hash}" }\n- { id: b, hash: secret }`,
      {},
      'proxy.apiKeys.keysFile: [1].hash of the file: is not the hash of a key',
    ],
    [
      'one id twice',
      `- { id: a, hash: "${hash}" }\n- { id: a, hash: "${hash}" }`,
      {},
      'keysFile: [1] of the file: "a" is there twice',
    ],
    ['no list', 'keys: []', {}, 'keysFile: of the file: a map is not a list'],
    ['no YAML', '- {', {}, 'keysFile: is neither YAML nor JSON'],
    [
      'a name twice',
      `- { id: a, hash: "${hash}", hash: "${hash}" }`,
      {},
      'keysFile: is neither YAML nor JSON',
    ],
    ['aliases', `- &a { id: a, hash: "${hash}" }\n- *a`, {}, 'keysFile: is neither YAML nor JSON'],
  ])('is not read of a file of keys with %s', (_, text, more, message) => {
    const keysFile = write('wrong-keys', text)
    expect(read({ apiKeys: { keysFile, ...more } })).toEqual([expect.stringContaining(message)])
  })

  it.each([
    ['a password', 'alice:secret', 'line 1 of the file: is not the hash of a password'],
    ['no hash', '\nalice', 'line 2 of the file: is not the hash of a password'],
    ['a hash of htpasswd', 'alice:$apr1$x$y', 'line 1 of the file: is not the hash of a password'],
    [
      'a scope with a blank',
      `alice:${scrypt}:a b`,
      'line 1 of the file: is not user:hash, or user:hash:scope,scope',
    ],
    ['a user twice', `alice:${scrypt}\nalice:${scrypt}`, 'line 2 of the file: "alice" is there twice'],
  ])('is not read of a file of users with %s', (_, text, message) => {
    const mistakes = read({ basic: { usersFile: write('wrong-users', text) } })
    expect(mistakes).toEqual([expect.stringContaining(`proxy.basic.usersFile: ${message}`)])
    expect(String(mistakes)).not.toContain('secret')
  })

  it('is not read of a file that is too long', () => {
    truncateSync(join(folder, write('long', '')), 2 * 1024 * 1024 + 1)
    expect(read({ basic: { usersFile: 'long' } })).toEqual([expect.stringContaining('up to 2 MiB')])
  })

  it('has no key where tokens are', () => {
    const apiKeys = { header: 'X-Token', keys: [{ id: 'a', hash }] }
    expect(read({ apiKeys }, 'x-token')).toEqual([
      expect.stringContaining('proxy.apiKeys.header: x-token has'),
    ])
  })

  it('is asked only in ways that the file has', () => {
    const none = { auth: { apiKeys: null, basic: null }, hasJwt: false, hasClientCa: false }
    const messages = AUTH_METHODS.map((method) => missingFor(method, none))
    expect(messages).toEqual(
      AUTH_METHODS.map((method: AuthMethod) => expect.stringMatching(`^${method} takes `)),
    )
    const auth = { apiKeys: { header: 'x-api-key', keys: [] }, basic: { realm: 'a', users: {} } }
    const all = { auth, hasJwt: true, hasClientCa: true }
    expect(AUTH_METHODS.map((method) => missingFor(method, all))).toEqual([null, null, null, null])
  })

  it('is asked in one way or several', () => {
    expect(requireShape.safeParse('basic').success && requireShape.safeParse(['apiKey', 'jwt']).success).toBe(
      true,
    )
    expect(requireShape.safeParse('digest').success || scopesShape.safeParse(['a,b']).success).toBe(false)
  })
})
