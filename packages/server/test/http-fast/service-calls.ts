/** Calls of decisions as callers make them, right and wrong, for the comparison of a whole service. */
import { generateKeyPairSync, sign } from 'node:crypto'
import type { Random } from '../../../limiter/test/parity/random.ts'
import { newToken, tokenHash } from '../../src/service/access/token-text.ts'
import { garbled, type Json, mutated } from '../fuzz/mutate.ts'
import { TARGETS } from './differential-app.ts'

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const [ALL, CONFINED, READER] = [newToken(), newToken(), newToken()]

/** Where a service reads whatever a call may have, and decides whatever can be decided. */
export const FILE = `version: 1
trustedProxies: [127.0.0.0/8]
jwt:
  algorithms: [ES256]
  key: |
    ${publicKey.export({ type: 'spki', format: 'pem' }).toString().trim().replaceAll('\n', '\n    ')}
attributes: { user: [header.x-user, jwt.sub], agent: header.user-agent, ip: peer.ip }
tokens:
  - { name: all, hash: "${tokenHash(ALL)}", scopes: [consume, read] }
  - { name: confined, hash: "${tokenHash(CONFINED)}", scopes: [consume], policies: [few] }
  - { name: reader, hash: "${tokenHash(READER)}", scopes: [read] }
policies:
  - { name: few, match: { user: '*' }, key: user, rules: [3/min] }
  - { name: dear, match: { path: /dear/** }, key: user, rules: [{ limit: 9/min }], cost: units }
  - { name: shadow, match: { path: /api/** }, key: user, mode: shadow, rules: [2/min], headers: { x-shadow: '1' } }
  - { name: both, match: { path: /both }, key: [user, agent], rules: [2/min, 9/h], response: { status: 418, body: no } }
  - { name: from, match: { path: /from }, key: ip, rules: [1000/s] }
deny: { user: [mallory] }
`

function jwt(claims: object): string {
  const parts = [{ alg: 'ES256', typ: 'JWT' }, claims].map((part) => encoded(JSON.stringify(part))).join('.')
  return `${parts}.${encoded(sign('sha256', Buffer.from(parts), { key: privateKey, dsaEncoding: 'ieee-p1363' }))}`
}

function encoded(octets: string | Buffer): string {
  return Buffer.from(octets).toString('base64url')
}

const ALICE = jwt({ sub: 'alice', exp: 4_000_000_000 })
const LATE = jwt({ sub: 'bob', exp: 1 })
const OWN = `X-Headgate-Token: ${ALL}`

const CREDENTIALS: readonly (readonly string[])[] = [
  ...[
    [OWN],
    [OWN],
    [OWN],
    [OWN],
    [OWN, `Authorization: Bearer ${ALICE}`],
    [OWN, `Authorization: Bearer ${LATE}`],
  ],
  [OWN, `Authorization: Bearer ${ALICE}x`],
  [OWN, OWN],
  [OWN, `Authorization: Bearer ${ALICE}`, `Authorization: Bearer ${LATE}`],
  [`Authorization: Bearer ${ALL}`],
  [`authorization: bearer   ${ALL}  `],
  [`Authorization: Bearer ${ALL}`, `Authorization: Bearer ${READER}`],
  [`Authorization: Bearer ${CONFINED}`],
  [`Authorization: Bearer ${READER}`],
  ['Authorization: Bearer hg_wrong'],
  ['Authorization: Basic YTpi'],
  ['Authorization:'],
  [],
]

const MORE: readonly string[] = [
  'Headgate-Hash: ?1',
  'Headgate-Hash:',
  'X-User: bob',
  'X-User: bob\r\nX-User: carol',
  `X-User: ${'u'.repeat(1025)}`,
  'User-Agent: a/1',
  'User-Agent: a/1\r\nUser-Agent: b/2',
  'Traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  'Traceparent: 00-x',
  'X-Forwarded-For: 192.0.2.7, 10.0.0.1',
  'X-Request-Id: 1',
  'Connection: keep-alive',
  'Cookie: tenant=acme',
  'Accept: text/html',
  'Accept-Encoding: gzip',
]

const TYPES = ['application/json', 'application/json; charset=utf-8', 'Application/Json', 'text/plain']

/** A call as it is sent, an octet a character. */
export function callOf(random: Random): string {
  const body = Buffer.from(bodyOf(random)).toString('latin1')
  const fields = [
    'Host: a',
    `Content-Type: ${random.percent(95) ? random.pick(TYPES.slice(0, 2)) : random.pick(TYPES)}`,
    `Content-Length: ${body.length}`,
    ...random.pick(CREDENTIALS),
    ...MORE.filter(() => random.percent(10)),
  ]
  const target = random.percent(96)
    ? random.pick(TARGETS)
    : random.pick(['/v1/charge', '/v1/consume?status=1', '/v2'])
  return `POST ${target} HTTP/1.1\r\n${fields.join('\r\n')}\r\n\r\n${body}`
}

function bodyOf(random: Random): string {
  const value: Json = {
    ...(random.percent(90)
      ? { attributes: attributesOf(random) }
      : { key: random.pick(['k', 7, '']), limit: '2/min' }),
    ...(random.percent(20) && { cost: random.pick([0, 1, 2, 4, -1]) }),
    ...(random.percent(10) && { policy: random.pick(['few', 'none']) }),
    ...(random.percent(10) && { deadlineMs: random.pick([1000, 0]) }),
    ...(random.percent(5) && { limit: '5/s' }),
    ...(random.percent(5) && { descriptor: [{ key: 'tenant', value: 'acme' }] }),
  }
  const text = JSON.stringify(random.percent(12) ? mutated(value, random) : value)
  return random.percent(6) ? garbled(text, random).toWellFormed().slice(0, 5000) : text
}

function attributesOf(random: Random): Json {
  return {
    ...(random.percent(70) && {
      user: random.pick(['alice', 'dave', 'mallory', 'é😀', '__proto__', 'constructor']),
    }),
    ...(random.percent(50) && { path: random.pick(['/dear/x', '/api/y', '/both', '/from']) }),
    ...(random.percent(30) && { units: random.pick([1, 2, 'x', null]) }),
  }
}
