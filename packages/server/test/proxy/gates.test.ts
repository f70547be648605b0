import { hash, scryptSync } from 'node:crypto'
import { HeadgateError, memoryStore, type Store } from 'headgate'
import { describe, expect, it } from 'vitest'
import { askRemote } from '../../src/proxy/gates/ask-remote.ts'
import { PIPELINE } from '../../src/proxy/pipeline.ts'
import { newApiKey } from '../../src/service/identity/api-key-text.ts'
import { Cleanups } from './cleanups.ts'
import { startProxy } from './proxy-under-test.ts'
import { rawClient, statusesOf } from './raw-client.ts'

const KEY = newApiKey('shop')
const KEYS = `require: apiKey, apiKeys: { keys: [{ id: shop, hash: "sha256:${hash('sha256', KEY)}" }] }`
const BASIC = `require: basic, basic: { users: { alice: "${hashed('secret')}" } }`
const REPORTS = 'hardening: { preset: strict, reportPath: /csp }'
const UPGRADE = ['Connection: Upgrade', 'Upgrade: websocket']

/** What is refused, where, and how. */
interface Row {
  /** Name of the stage, status and outcome, as the pipeline has them. */
  readonly answer: string
  /** Of `proxy`. */
  readonly settings?: string
  readonly policies?: string
  readonly more?: string
  /** The line and the fields; there is a Host. */
  readonly request: readonly [line: string, ...fields: string[]]
  readonly body?: string
  /** How often it is sent, on connections of their own, for the answer to come. */
  readonly times?: number
  readonly store?: Store
}

const GET = 'GET /a HTTP/1.1'
const NONE = '[{ name: ip, key: ip, rules: [0/min] }]'
const OF_USER = '[{ name: user, key: principal, rules: [0/min] }]'
const CLOSED = 'rules: [5/min], onStoreError: closed }]'

const ROWS: readonly Row[] = [
  {
    answer: 'canonical request 403 address-denied',
    settings: 'clients: { deny: [127.0.0.1] }',
    request: [GET],
  },
  {
    answer: 'canonical request 403 address-denied',
    settings: 'clients: { allow: [192.0.2.1] }',
    request: [GET],
  },
  { answer: 'canonical request 431 headers-too-large', request: [GET, `X-A: ${'a'.repeat(16_384)}`] },
  { answer: 'canonical request 400 bad-request', request: ['GET /a%2fb HTTP/1.1'] },
  { answer: 'canonical request 414 bad-request', request: [`GET /${'a'.repeat(16_384)} HTTP/1.1`] },
  { answer: 'canonical request 417 bad-request', request: [GET, 'Expect: 200-ok'] },
  { answer: 'canonical request 505 bad-request', request: ['GET /a HTTP/2.0'] },
  { answer: 'canonical request 405 method-not-allowed', request: ['TRACE /a HTTP/1.1'] },
  { answer: 'canonical request 405 method-not-allowed', request: ['CONNECT a:443 HTTP/1.1'] },
  { answer: 'canonical request 421 unknown-host', settings: 'hosts: [shop.example]', request: [GET] },
  { answer: 'limits of the address 429 rate-limited', policies: NONE, request: [GET] },
  { answer: 'limits of the address 403 denied', more: 'deny: [{ path: /a }]', request: [GET] },
  {
    answer: 'limits of the address 503 store-unavailable',
    policies: `[{ name: ip, key: ip, ${CLOSED}`,
    store: brokenStore(),
    request: [GET],
  },
  {
    answer: 'limits of the address 400 bad-request',
    more: 'attributes: { tenant: query.tenant }',
    policies: '[{ name: tenant, key: tenant, missing: skip, rules: [9/min] }]',
    request: [`GET /a?tenant=${'a'.repeat(1025)} HTTP/1.1`],
  },
  {
    answer: 'reports 204 csp-report',
    settings: REPORTS,
    ...report('application/csp-report', '{"csp-report":{}}'),
  },
  { answer: 'reports 400 bad-request', settings: REPORTS, ...report('application/csp-report', '{') },
  {
    answer: 'reports 413 body-too-large',
    settings: REPORTS,
    ...report('application/csp-report', '{}'.padEnd(100_000)),
  },
  { answer: 'reports 415 bad-request', settings: REPORTS, ...report('text/plain', '{}') },
  {
    answer: 'preflight 204 preflight',
    settings: 'cors: { origins: [https://app.example] }',
    request: ['OPTIONS /a HTTP/1.1', 'Origin: https://app.example', 'Access-Control-Request-Method: GET'],
  },
  { answer: 'authentication 401 unauthenticated', settings: KEYS, request: [GET] },
  { answer: 'authentication 401 unauthenticated', settings: KEYS, request: [GET, `X-Api-Key: ${KEY}x`] },
  { answer: 'authentication 401 unauthenticated', settings: KEYS, request: [GET, `X_Api_Key: ${KEY}`] },
  {
    answer: 'authentication 401 unauthenticated',
    settings: KEYS,
    request: [GET, `X-Api-Key: ${KEY}`, 'Connection: x-api-key'],
  },
  {
    answer: 'authentication 401 unauthenticated',
    settings: `webSocket: true, ${KEYS}`,
    request: [GET, ...UPGRADE],
  },
  {
    answer: 'authentication 403 forbidden',
    settings: `scopes: [admin], ${KEYS}`,
    request: [GET, `X-Api-Key: ${KEY}`],
  },
  {
    answer: 'authentication 429 unauthenticated',
    settings: BASIC,
    times: 12,
    request: [GET, 'Authorization: Basic user#:wrong'],
  },
  // From many addresses, of which none has made too many attempts.
  {
    answer: 'authentication 503 unauthenticated',
    settings: BASIC,
    more: 'trustedProxies: [127.0.0.0/8]',
    times: 80,
    request: [GET, 'Authorization: Basic user#:wrong', 'X-Forwarded-For: 192.0.2.#'],
  },
  {
    answer: 'authentication 403 unauthenticated',
    settings: 'require: certificate, certificates: {}',
    more: 'tls: { certFile: a, keyFile: b, clientCaFile: c }',
    request: [GET],
  },
  {
    answer: 'limits of the principal 429 rate-limited',
    settings: KEYS,
    policies: OF_USER,
    request: [GET, `X-Api-Key: ${KEY}`],
  },
  {
    answer: 'limits of the principal 403 denied',
    settings: KEYS,
    more: 'deny: [{ principal: "apikey:shop" }]',
    request: [GET, `X-Api-Key: ${KEY}`],
  },
  {
    answer: 'limits of the principal 503 store-unavailable',
    settings: KEYS,
    policies: `[{ name: user, key: principal, ${CLOSED}`,
    store: brokenStore(),
    request: [GET, `X-Api-Key: ${KEY}`],
  },
  {
    answer: 'limits of the principal 401 unauthenticated',
    policies: '[{ name: user, key: user, missing: refuse, rules: [9/min] }]',
    request: [GET],
  },
  {
    answer: 'limits of the principal 400 bad-request',
    more: 'attributes: { tenant: query.tenant }',
    policies: '[{ name: both, key: [user, tenant], missing: skip, rules: [9/min] }]',
    request: [`GET /a?tenant=${'a'.repeat(1025)} HTTP/1.1`],
  },
  { answer: 'method 405 method-not-allowed', settings: 'methods: [GET]', request: ['DELETE /a HTTP/1.1'] },
  {
    answer: 'method 405 method-not-allowed',
    settings: 'methods: [GET]',
    request: ['POST /a HTTP/1.1', 'X-HTTP-Method-Override: GET', 'Content-Length: 0'],
  },
  { answer: 'upgrade 403 upgrade-refused', request: [GET, ...UPGRADE] },
  {
    answer: 'body 413 body-too-large',
    settings: 'maxBody: 4B',
    request: ['POST /a HTTP/1.1', 'Content-Length: 5'],
    body: 'hello',
  },
  {
    answer: 'body 413 body-too-large',
    settings: 'maxBody: 4B',
    request: ['POST /a HTTP/1.1', 'Content-Length: 5', 'Expect: 100-continue'],
  },
  {
    answer: 'body 413 body-too-large',
    settings: 'maxBody: 4B',
    request: ['POST /a HTTP/1.1', 'Transfer-Encoding: chunked'],
    body: '5\r\nhello\r\n0\r\n\r\n',
  },
]

describe('what a gate answers never reaches the application', () => {
  it.each(ROWS.map((row, i) => [row.answer, row.request.join(', ').slice(0, 60), i] as const))(
    '%s: %s',
    async (answer, _, i) => {
      const row = ROWS[i] as Row
      await using proxy = await startProxy(
        `${row.more ?? ''}\npolicies: ${row.policies ?? '[]'}\nproxy: { ${row.settings ?? ''} }`,
        row.store === undefined ? {} : { store: row.store },
      )
      const [, status, outcome] = / (\d{3}) (\S+)$/.exec(answer) ?? []
      using stack = new Cleanups()
      const clients = Array.from({ length: row.times ?? 1 }, async (_, i) =>
        stack.use(await rawClient(proxy.port, octetsOf(row, i))),
      )
      const all = await Promise.all(clients)
      await expect.poll(() => all.flatMap(({ text }) => statusesOf(text()))).toContain(Number(status))
      await expect.poll(() => proxy.ended).toContainEqual(expect.objectContaining({ outcome }))
      expect(proxy.seen).toEqual([])
    },
  )

  it('for any answer of any stage', () => {
    // Those of another service are in tests of their own.
    const answers = PIPELINE.filter((stage) => stage !== askRemote).flatMap(({ name, answers: all }) =>
      all.map(([status, outcome]) => `${name} ${status} ${outcome}`),
    )
    expect([...new Set(ROWS.map(({ answer }) => answer))].sort()).toEqual(answers.sort())
  })
})

function report(type: string, body: string): Pick<Row, 'request' | 'body'> {
  return {
    request: ['POST /csp HTTP/1.1', `Content-Type: ${type}`, `Content-Length: ${body.length}`],
    body,
  }
}

/** In fields, `#` is the number of the request. */
function octetsOf({ request: [line, ...fields], body = '' }: Row, number: number): string {
  const spelled = fields.map((field) =>
    field
      .replace('#', String(number))
      .replace(/(?<=Basic ).+/, (credential) => Buffer.from(credential).toString('base64')),
  )
  return `${[line, 'Host: a', ...spelled].join('\r\n')}\r\n\r\n${body}`
}

function hashed(password: string): string {
  const base64 = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '')
  const salt = Buffer.alloc(16, 1)
  return `$scrypt$ln=14,r=8,p=1$${base64(salt)}$${base64(scryptSync(password, salt, 32, { N: 2 ** 14 }))}`
}

function brokenStore(): Store {
  const { reset, block, close } = memoryStore()
  const fail = () => Promise.reject(new HeadgateError('store-unavailable', 'The store is broken.'))
  return { decide: fail, refund: fail, reset, block, close }
}
