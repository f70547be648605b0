import { generateKeyPairSync } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { fetchKeySet } from '../../src/service/identity/fetch-key-set.ts'
import {
  KeysUnavailable,
  RemoteKeys,
  remoteKeysOf,
  UnknownKey,
} from '../../src/service/identity/remote-keys.ts'
import { verifyToken } from '../../src/service/identity/verify-token.ts'
import { KeyServer, publishes, sends, signed, signingKey } from './key-server.ts'

const MINUTE_MS = 60_000
const [first, second] = [signingKey('first'), signingKey('second')]
const wanted = { alg: 'ES256', kid: 'first' }

let server: KeyServer
let nowMs: number
const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})

beforeAll(async () => {
  server = await new KeyServer(first).listen()
})
beforeEach(() => {
  server.asked = 0
  server.answer = publishes(first)
  nowMs = 0
})
afterEach(() => warn.mockClear())
afterAll(() => server.close())

const remote = (timeoutMs?: number): RemoteKeys =>
  new RemoteKeys(server.url, { now: () => nowMs, fetchKeys: (url) => fetchKeySet(url, timeoutMs) })

describe('keys that an issuer publishes', () => {
  it('are fetched once for all who ask at once, and kept for 5 min', async () => {
    const keys = remote()
    const found = await Promise.all(Array.from({ length: 20 }, () => keys.keyFor(wanted)))
    expect(new Set(found).size).toBe(1)
    nowMs += 5 * MINUTE_MS
    await keys.keyFor(wanted)
    expect(server.asked).toBe(1)
    nowMs += 1
    await keys.keyFor(wanted)
    await vi.waitFor(() => expect(server.asked).toBe(2))
  })

  it('are fetched anew for a key that is not known, at most once in 30 s', async () => {
    const keys = remote()
    await keys.keyFor(wanted)
    server.answer = publishes(first, second)
    const rotated = { ...wanted, kid: 'second' }
    await expect(keys.keyFor(rotated)).rejects.toThrow(UnknownKey)
    nowMs += 30_000
    const storm = Array.from({ length: 50 }, (_, i) => keys.keyFor({ ...wanted, kid: `made-up-${i}` }))
    expect((await Promise.allSettled(storm)).every(({ status }) => status === 'rejected')).toBe(true)
    expect(await keys.keyFor(rotated)).toMatchObject({ asymmetricKeyType: 'ec' })
    expect(server.asked).toBe(2)
  })

  it('count for a day while they cannot be fetched, which is told once, and then no more', async () => {
    const keys = remote()
    await keys.keyFor(wanted)
    server.answer = sends('', 500)
    for (let hour = 1; hour <= 24; hour++) {
      nowMs = hour * 60 * MINUTE_MS
      await keys.keyFor(wanted)
      await vi.waitFor(() => expect(server.asked).toBe(1 + hour))
    }
    expect(warn.mock.calls).toEqual([
      [
        expect.stringMatching(/^The keys of tokens .* it answers 500; the keys of before count/),
        expect.anything(),
      ],
    ])
    nowMs += 1
    await expect(keys.keyFor(wanted)).rejects.toThrow(KeysUnavailable)
    server.answer = publishes(first)
    nowMs += 30_000
    await keys.keyFor(wanted)
  })

  it('are waited for where those of before are old', async () => {
    const keys = remote()
    await keys.keyFor(wanted)
    server.answer = publishes(second)
    nowMs += 11 * MINUTE_MS
    await expect(keys.keyFor(wanted)).rejects.toThrow(UnknownKey)
  })

  it.each<[string, () => void, string]>([
    ['answers 500', () => (server.answer = sends('', 500)), 'it answers 500'],
    ['sends no JSON', () => (server.answer = sends('<html>')), 'it is no set of keys in JSON'],
    [
      'sends JSON of another kind',
      () => (server.answer = sends('{"keys":{}}')),
      'it is no set of keys in JSON',
    ],
    [
      'has no key',
      () => (server.answer = sends('{"keys":[]}')),
      'it has no public key that could sign a token',
    ],
    [
      'has none that can be read',
      () => (server.answer = sends('{"keys":[1,null,{"kty":"EC","crv":"P-256"},{"kty":"oct","k":"AAAA"}]}')),
      'it has no public key that could sign a token',
    ],
    [
      'has too many',
      () => (server.answer = publishes(...Array.from({ length: 65 }, () => first))),
      'more than 64 keys',
    ],
    [
      'sends too much',
      () => (server.answer = sends(`{"keys":[${' '.repeat(262_144)}]}`)),
      'longer than 256 KiB',
    ],
    ['redirects', () => (server.answer = sends('', 302, { location: server.url })), 'it redirects elsewhere'],
    ['does not answer', () => (server.answer = () => {}), 'it does not answer in time'],
    [
      'does not end',
      () => (server.answer = (response) => void response.write('{')),
      'it does not answer in time',
    ],
    [
      'hangs up',
      () => (server.answer = (response) => void response.destroy()),
      'it cannot be reached (UND_ERR_SOCKET)',
    ],
  ])('are not there where the issuer %s', async (_, fail, why) => {
    fail()
    const keys = remote(150)
    await expect(keys.keyFor(wanted)).rejects.toThrow(KeysUnavailable)
    const told = warn.mock.calls.map(([message]) => message)
    expect(told).toEqual([expect.stringContaining(`${why}; tokens are not valid until it does`)])
    // Whoever asks next is answered at once, and not told of again.
    await expect(keys.keyFor(wanted)).rejects.toThrow(KeysUnavailable)
    expect([server.asked, warn.mock.calls.length]).toEqual([1, 1])
    server.answer = publishes(first)
    nowMs += 5000
    await keys.keyFor(wanted)
  })

  it('fit one algorithm each, and none for encryption, secrets and short keys', async () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 })
    const short = { ...publicKey.export({ format: 'jwk' }), kid: 'short' }
    const encrypting = { ...second.jwk, use: 'enc' }
    const secret = { kty: 'oct', k: 'AAAA', kid: 'secret' }
    server.answer = sends(JSON.stringify({ keys: [first.jwk, short, encrypting, secret] }))
    const keys = remote()
    await keys.keyFor(wanted)
    for (const other of [
      { alg: 'RS256', kid: 'first' },
      { alg: 'ES384', kid: 'first' },
      { alg: 'RS256', kid: 'short' },
      { alg: 'ES256', kid: 'second' },
      { alg: 'HS256', kid: 'secret' },
      { alg: 'ES256', kid: '../../etc/passwd' },
      { alg: 'ES256', kid: ['first'] },
    ]) {
      await expect(keys.keyFor(other)).rejects.toThrow(UnknownKey)
    }
    expect(await keys.keyFor({ alg: 'ES256' })).toMatchObject({ asymmetricKeyType: 'ec' })
  })

  it('without a name in the token are clear only where one alone fits', async () => {
    server.answer = publishes(first, second)
    await expect(remote().keyFor({ alg: 'ES256' })).rejects.toThrow(UnknownKey)
  })
})

describe('tokens of an issuer that publishes its keys', () => {
  const settings = () => ({
    algorithms: ['ES256'],
    key: { jwksUrl: server.url },
    clockToleranceSeconds: 0,
    header: 'authorization',
  })
  const verify = async (token: string) => verifyToken(settings(), [`Bearer ${token}`])

  it('are verified by the key that they name, and nothing else in them leads to a key', async () => {
    const attacker = signingKey('first')
    expect(await verify(await signed(first))).toMatchObject({ state: 'valid', claims: { sub: 'alice' } })
    const forged = await Promise.all([
      signed(attacker),
      signed(attacker, {}, { jwk: attacker.jwk }),
      signed(attacker, {}, { jku: 'http://127.0.0.1:1/', x5u: 'http://127.0.0.1:1/', kid: 'first' }),
    ])
    for (const token of forged) {
      expect(await verify(token)).toEqual({ state: 'invalid', why: 'its signature does not fit' })
    }
    expect(server.asked).toBe(1)
  })

  it('are not valid, and known to be so for that reason, where there are no keys', async () => {
    server.answer = sends('', 503)
    const key = { jwksUrl: `${server.url}?without-keys` }
    const token = await verifyToken({ ...settings(), key }, [`Bearer ${await signed(first)}`])
    expect(token).toEqual({ state: 'invalid', why: 'its key cannot be fetched', isOutage: true })
  })

  it('share the keys of a URL across configurations', () => {
    expect(remoteKeysOf(server.url)).toBe(remoteKeysOf(server.url))
  })
})
