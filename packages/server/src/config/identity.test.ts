import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { parseConfig } from './config.ts'
import { proxyWarnings, sourceWarnings } from './identity.ts'

const folder = mkdtempSync(join(tmpdir(), 'headgate-identity-'))
afterAll(() => rmSync(folder, { recursive: true }))

function pemOf(key: KeyObject): string {
  return String(key.export({ type: key.type === 'public' ? 'spki' : 'pkcs8', format: 'pem' }))
}

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const smallRsa = generateKeyPairSync('rsa', { modulusLength: 1024 })
const ed = generateKeyPairSync('ed25519')
const secret = 'not-to-be-repeated-in-any-message'

function parse(jwt: object, more: object = {}): ReturnType<typeof parseConfig> {
  return parseConfig(JSON.stringify({ jwt, policies: [], ...more }), join(folder, 'headgate.yaml'))
}

describe('jwt', () => {
  it('has its key pinned with its algorithms', () => {
    const { identity } = parse({
      algorithms: ['ES256'],
      key: pemOf(ec.publicKey),
      clockTolerance: '5s',
      header: 'X-Token',
    })
    expect(identity?.jwt).toMatchObject({
      algorithms: ['ES256'],
      clockToleranceSeconds: 5,
      header: 'x-token',
    })
    expect(identity?.jwt?.key).toMatchObject({ asymmetricKeyType: 'ec' })
  })

  it('takes a key from a file beside the configuration, and a secret', () => {
    writeFileSync(join(folder, 'key.pem'), pemOf(ed.publicKey))
    const fromFile = parse({ algorithms: ['EdDSA'], keyFile: 'key.pem' })
    expect(fromFile.identity?.jwt?.key).toMatchObject({ asymmetricKeyType: 'ed25519' })
    expect(parse({ algorithms: ['HS256'], secret }).identity?.jwt?.key).toMatchObject({ type: 'secret' })
  })

  it.each([
    'https://login.example/jwks.json',
    'http://127.0.0.1:8080/jwks',
    'http://localhost/jwks',
    'http://[::1]/',
  ])('has its keys fetched from %s', (jwksUrl) => {
    expect(parse({ algorithms: ['ES256', 'RS256'], jwksUrl }).identity?.jwt?.key).toEqual({ jwksUrl })
  })

  it.each<[string, object, string]>([
    [
      'http to elsewhere',
      { algorithms: ['ES256'], jwksUrl: 'http://login.example/jwks' },
      'jwt.jwksUrl: is not encrypted',
    ],
    [
      'what only begins as this machine',
      { algorithms: ['ES256'], jwksUrl: 'http://127.0.0.1.example/' },
      'is not encrypted',
    ],
    ['another protocol', { algorithms: ['ES256'], jwksUrl: 'file:///jwks.json' }, 'is not a URL'],
    ['no URL', { algorithms: ['ES256'], jwksUrl: secret }, 'is not a URL'],
    [
      'a URL with a password',
      { algorithms: ['ES256'], jwksUrl: `https://a:${secret}@b.example/` },
      'has a password in it',
    ],
    [
      'a secret that is published',
      { algorithms: ['ES256', 'HS256'], jwksUrl: 'https://a.example/' },
      'HS256 has a secret',
    ],
    [
      'a URL beside a key',
      { algorithms: ['ES256'], key: 'x', jwksUrl: 'https://a.example/' },
      'not key and jwksUrl',
    ],
    ['no algorithm', { key: pemOf(ec.publicKey) }, 'jwt.algorithms'],
    ['an empty list', { algorithms: [], key: pemOf(ec.publicKey) }, 'jwt.algorithms'],
    ['none', { algorithms: ['none'], key: pemOf(ec.publicKey) }, 'jwt.algorithms[0]'],
    [
      'no key',
      { algorithms: ['ES256'] },
      'give one of key (a public key in PEM), keyFile, secret and jwksUrl',
    ],
    ['two keys', { algorithms: ['HS256'], secret, keyFile: 'key.pem' }, 'not keyFile and secret'],
    [
      'a secret for a public algorithm',
      { algorithms: ['ES256'], secret },
      'needs a key on the curve prime256v1',
    ],
    ['a public key for a secret', { algorithms: ['HS256'], key: pemOf(ec.publicKey) }, 'needs a secret'],
    ['both kinds', { algorithms: ['ES256', 'HS256'], key: pemOf(ec.publicKey) }, 'HS256 needs a secret'],
    ['another curve', { algorithms: ['ES384'], key: pemOf(ec.publicKey) }, 'curve secp384r1'],
    ['a short secret', { algorithms: ['HS512'], secret }, 'HS512 needs a secret of at least 64 bytes'],
    ['a small key', { algorithms: ['RS256'], key: pemOf(smallRsa.publicKey) }, 'at least 2048 bits'],
    ['another kind', { algorithms: ['EdDSA'], key: pemOf(ec.publicKey) }, 'needs an Ed25519 key'],
    [
      'a private key',
      { algorithms: ['ES256'], key: pemOf(ec.privateKey) },
      'is a private key; give the public',
    ],
    ['no PEM', { algorithms: ['ES256'], key: secret }, 'is not a public key in PEM'],
    ['a missing file', { algorithms: ['ES256'], keyFile: 'nothing.pem' }, 'jwt.keyFile: cannot be read'],
    ['a device', { algorithms: ['ES256'], keyFile: '/dev/null' }, 'jwt.keyFile: cannot be read as a file'],
    ['a header field that is none', { algorithms: ['HS256'], secret, header: 'x y' }, 'jwt.header'],
  ])('refuses %s, and repeats no key', (_, jwt, message) => {
    const parsing = (): unknown => parse(jwt)
    expect(parsing).toThrow(message)
    expect(parsing).not.toThrow(/not-to-be-repeated|BEGIN [A-Z ]*KEY-----\n/)
  })
})

describe('trustedProxies and attributes', () => {
  it.each<[object, string]>([
    [{ trustedProxies: ['loopback'] }, 'trustedProxies[0]: "loopback" is not an address'],
    [{ trustedProxies: true }, 'trustedProxies'],
    [{ trustedProxies: ['10.0.0.0/33'] }, 'trustedProxies[0]'],
    [{ attributes: { user: 'header.x_user_id' } }, 'names of header fields have letters, digits and dashes'],
    [{ attributes: { user: 'peer.port' } }, '"peer.port" is not a source'],
    [{ attributes: { user: 'env.USER' } }, '"env.USER" is not a source'],
    [{ attributes: { user: [] } }, 'attributes.user'],
  ])('refuse %j', (more, message) => {
    const text = JSON.stringify({ policies: [], ...more })
    expect(() => parseConfig(text, 'headgate.yaml')).toThrow(message)
  })
})

describe('proxyWarnings', () => {
  it.each([
    ['0.0.0.0/0', 'is everybody'],
    ['::/0', 'is everybody'],
    ['192.0.2.1/0', 'is everybody'],
    ['::ffff:0:0/96', 'is everybody'],
    ['128.0.0.0/1', 'is far more than a network of yours'],
    ['2000::/3', 'is far more than a network of yours'],
  ])('name %s, by whom anybody could say who they are', (network, what) => {
    const { identity } = parse({ algorithms: ['HS256'], secret }, { trustedProxies: ['10.0.0.0/8', network] })
    expect(identity && proxyWarnings(identity)).toEqual([
      `trustedProxies[1]: ${network} ${what}, who can then say what address they have; list your proxies`,
    ])
  })

  it('do not name private networks', () => {
    const trustedProxies = ['10.0.0.0/8', 'fc00::/7', '127.0.0.1', '::1', '::ffff:10.0.0.0/104']
    expect(proxyWarnings({ trustedProxies, attributes: {} })).toEqual([])
  })
})

describe('sourceWarnings', () => {
  it('name sources that anybody can set, and those that are never there', () => {
    const sources = ['jwt.sub', 'header.x-user', 'query.u', 'cookie.u', 'descriptor.u', 'peer.ip']
    const attributes = { user: sources }
    expect(sourceWarnings({ trustedProxies: [], attributes })).toEqual([
      'attributes.user: jwt.sub is never there: give jwt a key and its algorithms',
      'attributes.user: header.x-user is never there: without trustedProxies anybody could set it',
      'attributes.user: query.u can be set by anybody: whoever changes it has another budget',
      'attributes.user: cookie.u can be set by anybody: whoever changes it has another budget',
    ])
    const { identity } = parse(
      { algorithms: ['HS256'], secret },
      { trustedProxies: ['10.0.0.0/8'], attributes },
    )
    expect(identity && sourceWarnings(identity)).toHaveLength(2)
  })
})
