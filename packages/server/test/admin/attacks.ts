/** Attacks on the admin listener, as bytes, and what is answered to each. */
import { gzipSync } from 'node:zlib'
import { newToken, tokenHash } from '../../src/service/access/token-text.ts'
import type { AdminServer } from './admin-server.ts'

export const ATTACKED = `
policies:
  - { name: users, key: user, rules: [100/min] }
  - { name: keys, match: { apiKey: sk_live_secret }, key: apiKey, rules: [100/min] }
  - { name: shop-carts, match: { domain: shop }, key: user, rules: [100/min] }
receipts: { key: 9f2c6b1d4e8a7053c1f6d2b98e4a7c30 }
tokens:
  - { name: admin, hash: 'TOKEN(admin)', scopes: [admin] }
  - { name: reader, hash: 'TOKEN(reader)', scopes: [read] }
  - { name: spender, hash: 'TOKEN(spender)', scopes: [consume, adjust] }
  - { name: shop, hash: 'TOKEN(shop)', scopes: [admin], domains: [shop] }
`

/** One attack. */
export interface Attack {
  readonly name: string
  readonly bytes: (admin: AdminServer) => string | Buffer
  /** The status of every answer; none where the connection is closed without one. */
  readonly statuses: readonly number[]
}

const BLOCK = JSON.stringify({ attributes: { user: 'alice' }, duration: '1h' })
const JSON_TYPE = 'content-type: application/json'

interface Sent {
  readonly method?: string
  readonly fields?: readonly string[]
  readonly body?: string | Buffer
  /** Null for none. */
  readonly host?: string | null
  /** The name of a token. */
  readonly as?: string
}

/** Writes a request after which the connection ends. */
function request(
  admin: AdminServer,
  path: string,
  { method, fields = [], body, host, as }: Sent = {},
): Buffer {
  const length = body === undefined ? [] : [`content-length: ${Buffer.byteLength(body)}`]
  const head = [
    `${method ?? (body === undefined ? 'GET' : 'POST')} ${path} HTTP/1.1`,
    ...(host === null ? [] : [`host: ${host ?? admin.host}`]),
    ...(as === undefined ? [] : [`authorization: Bearer ${admin.tokenOf(as)}`]),
    ...length,
    ...fields,
    'connection: close',
  ]
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), Buffer.from(body ?? '')])
}

function attack(
  name: string,
  statuses: number | readonly number[],
  path: string,
  sent: Sent | ((admin: AdminServer) => Sent) = {},
): Attack {
  return {
    name,
    statuses: [statuses].flat(),
    bytes: (admin) => request(admin, path, typeof sent === 'function' ? sent(admin) : sent),
  }
}

const bearer = (token: string) => ({ fields: [`authorization: Bearer ${token}`] })
const block = (fields: readonly string[], more: Sent = {}): Sent => ({
  as: 'admin',
  body: BLOCK,
  ...more,
  fields,
})
const posts = (body: string | Buffer): Sent => ({ as: 'admin', body, fields: [JSON_TYPE] })

const TOKENS: readonly Attack[] = [
  attack('no token', 401, '/v1/policies'),
  attack('no token, to change something', 401, '/v1/block', { body: BLOCK, fields: [JSON_TYPE] }),
  attack('a token to read, to change something', 403, '/v1/block', block([JSON_TYPE], { as: 'reader' })),
  attack('a token to consume, to look', 403, '/v1/denials', { as: 'spender' }),
  attack('a token to consume, to watch', 403, '/v1/events', { as: 'spender' }),
  attack('a token to consume, for metrics', 403, '/metrics', { as: 'spender' }),
  attack('a token of one domain, in another one', 403, '/v1/block', {
    as: 'shop',
    body: JSON.stringify({ attributes: { user: 'alice' }, policy: 'users', duration: '1h' }),
    fields: [JSON_TYPE],
  }),
  attack('a token of one domain, everywhere', 403, '/v1/reset', {
    as: 'shop',
    body: JSON.stringify({ attributes: { user: 'alice' } }),
    fields: [JSON_TYPE],
  }),
  attack('a token of one domain, to look into another one', 403, '/v1/usage', {
    as: 'shop',
    body: JSON.stringify({ attributes: { user: 'alice', domain: 'bank' } }),
    fields: [JSON_TYPE],
  }),
  attack('a forged token', 401, '/v1/policies', bearer(newToken())),
  attack('a truncated token', 401, '/v1/policies', (admin) => bearer(admin.tokenOf('admin').slice(0, -1))),
  attack('a longer token', 401, '/v1/policies', (admin) => bearer(`${admin.tokenOf('admin')}A`)),
  attack('the hash of a token', 401, '/v1/policies', (admin) => bearer(tokenHash(admin.tokenOf('admin')))),
  attack('a token in the query', 401, '/v1/policies?token=x', (admin) => ({
    fields: [`x-original-uri: /?access_token=${admin.tokenOf('admin')}`],
  })),
  attack('a token in a cookie', 401, '/v1/policies', (admin) => ({
    fields: [`cookie: token=${admin.tokenOf('admin')}; authorization=Bearer ${admin.tokenOf('admin')}`],
  })),
  attack('a token in the body', 401, '/v1/usage', (admin) => ({
    body: JSON.stringify({ token: admin.tokenOf('admin'), attributes: { user: 'a' } }),
    fields: [JSON_TYPE],
  })),
  attack('a token by another scheme', 401, '/v1/policies', (admin) => ({
    fields: [`authorization: Basic ${Buffer.from(`admin:${admin.tokenOf('admin')}`).toString('base64')}`],
  })),
  attack('a token of nobody before a good one', 400, '/v1/policies', (admin) => ({
    fields: [`authorization: Bearer ${newToken()}`, `authorization: Bearer ${admin.tokenOf('admin')}`],
  })),
  attack('two tokens in one field', 401, '/v1/policies', (admin) => ({
    fields: [`x-headgate-token: ${newToken()}`, `x-headgate-token: ${admin.tokenOf('admin')}`],
  })),
  attack('a receipt, which belongs to another listener', 404, '/v1/refund', posts('{"receipt":"abc"}')),
]

const SITE = ['origin: https://evil.example', 'referer: https://evil.example/', 'sec-fetch-site: cross-site']

const POLICIES: readonly Attack[] = [
  attack('a policy by a token to read', 403, '/v1/policies/users', {
    ...posts('{"key":"user","rules":["9/min"]}'),
    as: 'reader',
    method: 'PUT',
    fields: [JSON_TYPE, 'if-match: *'],
  }),
  attack('a policy of another domain', 403, '/v1/policies/users', {
    as: 'shop',
    method: 'DELETE',
    fields: ['if-match: *'],
  }),
  attack('the switch of everybody by a token of one domain', 403, '/v1/shadow', {
    ...posts('{"on":true}'),
    as: 'shop',
    method: 'PUT',
    fields: [JSON_TYPE, 'if-match: *'],
  }),
  attack('a policy that another site deletes', 403, '/v1/policies/users', {
    as: 'admin',
    method: 'DELETE',
    fields: ['origin: https://evil.example', 'if-match: *'],
  }),
]

const BROWSERS: readonly Attack[] = [
  attack(
    'a form of another site',
    403,
    '/v1/block',
    block([...SITE, 'content-type: application/x-www-form-urlencoded', 'sec-fetch-mode: navigate'], {
      body: 'duration=1h',
    }),
  ),
  attack(
    'a form whose text is JSON',
    403,
    '/v1/block',
    block([...SITE, 'content-type: text/plain', 'sec-fetch-mode: navigate']),
  ),
  attack(
    'a form of a browser that says nothing of sites',
    415,
    '/v1/block',
    block(['content-type: text/plain;charset=UTF-8']),
  ),
  attack('a form with parts', 415, '/v1/block', block(['content-type: multipart/form-data; boundary=x'])),
  attack('a request without a type', 415, '/v1/block', block([])),
  attack('two types', 400, '/v1/block', block(['content-type: text/plain', JSON_TYPE])),
  attack('fetch across sites', 403, '/v1/block', block([...SITE, JSON_TYPE, 'sec-fetch-mode: cors'])),
  attack(
    'fetch of a sibling site',
    403,
    '/v1/block',
    block(['sec-fetch-site: same-site', 'sec-fetch-mode: no-cors', JSON_TYPE]),
  ),
  attack('fetch of another port', 403, '/v1/block', block(['origin: http://127.0.0.1:1', JSON_TYPE])),
  attack('fetch of a sandbox', 403, '/v1/block', block(['origin: null', JSON_TYPE])),
  attack('an image of another site', 403, '/v1/policies', {
    as: 'reader',
    fields: ['sec-fetch-site: cross-site', 'sec-fetch-mode: no-cors', 'sec-fetch-dest: image'],
  }),
  attack('a link of another site', 403, '/docs', {
    fields: ['sec-fetch-site: cross-site', 'sec-fetch-mode: navigate'],
  }),
  attack('events for another site', 403, '/v1/events', {
    as: 'reader',
    fields: ['origin: https://evil.example', 'accept: text/event-stream'],
  }),
  attack('a preflight', 403, '/v1/block', {
    method: 'OPTIONS',
    fields: [...SITE, 'access-control-request-method: POST', 'access-control-request-headers: authorization'],
  }),
  attack('a script with a callback', 400, '/v1/stats?callback=steal', { as: 'reader' }),
]

const rebinding = (host: string): Sent =>
  block([JSON_TYPE, `origin: http://${host}`, 'sec-fetch-site: same-origin'], { host })

const HOSTS: readonly Attack[] = [
  attack('a name that leads here', 403, '/v1/block', rebinding('evil.example:9090')),
  attack('a name that begins as ours', 403, '/v1/block', rebinding('localhost.evil.example')),
  attack('a name that begins as an address', 403, '/v1/block', rebinding('127.0.0.1.evil.example')),
  attack('a name behind a user', 403, '/v1/block', rebinding('localhost@evil.example')),
  attack('an address as a number', 403, '/v1/block', rebinding('2130706433')),
  attack('no host', 400, '/v1/policies', { as: 'reader', host: null }),
  attack('an empty host', 403, '/v1/policies', { as: 'reader', host: '' }),
  attack('two hosts', 400, '/v1/policies', { as: 'reader', fields: ['host: evil.example'] }),
  attack('a whole URL with another host', 400, 'http://evil.example/v1/policies', { as: 'reader' }),
  attack('a whole URL of ours', 400, 'http://localhost/v1/policies', { as: 'reader' }),
]

const PATHS: readonly Attack[] = [
  attack('a path that climbs', 404, '/v1/../v1/policies', { as: 'reader' }),
  attack('a path that climbs, encoded', 404, '/docs/%2e%2e/v1/policies'),
  attack('a path with an encoded slash', 404, '/v1%2fpolicies'),
  attack('a path with two slashes', 404, '//v1/policies'),
  attack('a path that is encoded', 401, '/v1/%70olicies'),
  attack('a path that is wrongly encoded', 400, '/v1/denials/%E0%A4%A', { as: 'reader' }),
  attack('a path of a file', 404, '/..%2f..%2f..%2fetc/passwd'),
  attack('a NUL in a path', 404, '/v1/denials/%00', { as: 'reader' }),
  attack('line ends in a path', 404, '/v1/denials/%0d%0aset-cookie:%20a=b', { as: 'reader' }),
  attack('a script in a path', 404, '/%3Cscript%3Ealert(1)%3C/script%3E'),
  attack('another method by a field', 405, '/v1/block', {
    as: 'admin',
    fields: ['x-http-method-override: POST', 'x-method-override: POST'],
  }),
  attack('TRACE', 405, '/v1/policies', { method: 'TRACE', as: 'reader' }),
]

const many = (unit: string, count: number): string => unit.repeat(count)

const BODIES: readonly Attack[] = [
  attack('a body that is too large', 413, '/v1/usage', posts(`{"key":"${many('x', 70_000)}"}`)),
  attack('a body that says it is huge', 413, '/v1/usage', {
    as: 'admin',
    method: 'POST',
    fields: [JSON_TYPE, 'content-length: 99999999999'],
  }),
  attack('a body that unpacks to more', 415, '/v1/usage', {
    ...posts(gzipSync(many(' ', 10_000_000))),
    fields: [JSON_TYPE, 'content-encoding: gzip'],
  }),
  attack('JSON of 30,000 levels', 400, '/v1/usage', posts(many('[', 30_000) + many(']', 30_000))),
  attack('a prototype', 400, '/v1/usage', posts('{"key":"a","__proto__":{"isPolluted":true}}')),
  attack(
    'a constructor',
    400,
    '/v1/usage',
    posts('{"key":"a","constructor":{"prototype":{"isPolluted":true}}}'),
  ),
  attack('a prototype among attributes', 400, '/v1/usage', posts('{"attributes":{"__proto__":{"a":1}}}')),
  attack('a number that is no number', 400, '/v1/block', posts('{"key":"a","duration":1e999}')),
  attack('a number that is none of JSON', 400, '/v1/block', posts('{"key":"a","duration":NaN}')),
  attack('a body of UTF-16', 400, '/v1/usage', posts(Buffer.from('{"key":"a"}', 'utf16le'))),
  attack('bytes that are no text', 400, '/v1/usage', posts(Buffer.from([0x7b, 0xff, 0xfe, 0x7d]))),
  attack('a lone half of a character', 400, '/v1/block', posts('{"key":"a","duration":"\\ud800"}')),
]

const LONG = many('a', 20_000)

const WIRE: readonly Attack[] = [
  attack('header fields that are too long', 431, '/livez', { fields: [`x-long: ${LONG}`] }),
  attack('a URL that is too long', 431, `/v1/${LONG}`),
  attack('many header fields', 431, '/livez', {
    fields: Array.from({ length: 3000 }, (_, i) => `x-${i}: 1`),
  }),
  attack('both a length and chunks', 400, '/v1/block', {
    ...posts('0\r\n\r\nGET /v1/policies HTTP/1.1\r\n\r\n'),
    fields: [JSON_TYPE, 'transfer-encoding: chunked'],
  }),
  attack('chunks by another name', 400, '/v1/block', {
    method: 'POST',
    as: 'admin',
    fields: [JSON_TYPE, 'transfer-encoding: xchunked'],
  }),
  attack('two lengths', 400, '/v1/block', { ...posts('{}'), fields: [JSON_TYPE, 'content-length: 40'] }),
  attack('a space before a colon', 400, '/v1/policies', { fields: ['content-length : 5'] }),
  attack('a field that goes on', 400, '/v1/policies', { fields: ['x-a: b\r\n\tauthorization: c\0'] }),
  {
    name: 'lines without a carriage return',
    statuses: [400],
    bytes: ({ host }) => `GET /v1/policies HTTP/1.1\nhost: ${host}\nconnection: close\n\n`,
  },
  {
    name: 'a length of a chunk that is none',
    statuses: [400],
    bytes: (admin) =>
      `POST /v1/usage HTTP/1.1\r\nhost: ${admin.host}\r\n${JSON_TYPE}\r\nauthorization: Bearer ${admin.tokenOf('admin')}\r\ntransfer-encoding: chunked\r\n\r\n-1\r\n{}\r\n`,
  },
  {
    name: 'a request without a token behind one that has it',
    statuses: [200, 401],
    bytes: (admin) =>
      Buffer.concat([
        Buffer.from(
          `GET /v1/stats HTTP/1.1\r\nhost: ${admin.host}\r\nauthorization: Bearer ${admin.tokenOf('reader')}\r\n\r\n`,
        ),
        request(admin, '/v1/stats'),
      ]),
  },
  {
    name: 'a request in the body of one that is refused',
    statuses: [401],
    bytes: (admin) =>
      request(admin, '/v1/block', {
        body: request(admin, '/v1/policies', { as: 'admin' }),
        fields: [JSON_TYPE],
      }),
  },
  { name: 'the preface of HTTP/2', statuses: [400], bytes: () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n' },
  { name: 'a handshake of TLS', statuses: [400], bytes: () => Buffer.from([22, 3, 1, 2, 0, 1, 0, 1, 252]) },
  { name: 'a command of Redis', statuses: [400], bytes: () => '*1\r\n$8\r\nFLUSHALL\r\n' },
  {
    name: 'a tunnel',
    statuses: [],
    bytes: ({ host }) => `CONNECT 10.0.0.1:22 HTTP/1.1\r\nhost: ${host}\r\n\r\n`,
  },
  attack('another protocol', 401, '/v1/events', {
    fields: [
      'upgrade: websocket',
      'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
      'sec-websocket-version: 13',
    ],
  }),
]

export const ATTACKS: readonly Attack[] = [
  ...TOKENS,
  ...POLICIES,
  ...BROWSERS,
  ...HOSTS,
  ...PATHS,
  ...BODIES,
  ...WIRE,
]
