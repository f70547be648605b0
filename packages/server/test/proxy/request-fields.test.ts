import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { CONNECTION_FIELDS, SPOOFED_FIELDS, SPOOFED_PREFIXES } from '../../src/proxy/request/field-lists.ts'
import { RequestFront } from './request-front.ts'

let direct: RequestFront
let behind: RequestFront
beforeAll(async () => {
  direct = await RequestFront.open({ reader: { tokenField: 'x-token' } })
  behind = await RequestFront.open({ trusted: ['127.0.0.1', '10.0.0.0/8'] })
})
beforeEach(() => {
  for (const front of [direct, behind]) front.clear()
})
afterAll(async () => {
  await direct.close()
  await behind.close()
})

/** What is forwarded of these lines, as `name: value`. */
async function forwarded(lines: readonly string[], front = direct): Promise<string[]> {
  const { statuses } = await front.send(
    `GET / HTTP/1.1\r\n${['Host: shop.example', ...lines].join('\r\n')}\r\n\r\n`,
  )
  expect(statuses).toEqual([200])
  const fields = front.received.at(-1)?.fields ?? []
  return fields.flatMap((name, i) => (i % 2 === 0 ? [`${name}: ${fields[i + 1]}`] : []))
}

async function refused(lines: readonly string[], front = direct): Promise<void> {
  const { statuses } = await front.send(
    `GET / HTTP/1.1\r\n${['Host: shop.example', ...lines].join('\r\n')}\r\n\r\n`,
  )
  expect(statuses).toEqual([400])
  expect(front.received).toEqual([])
}

/** What arrives of a request without fields but those of the connection to the upstream. */
const OURS = [
  'host: shop.example',
  'x-forwarded-for: 127.0.0.1',
  'x-forwarded-proto: http',
  'x-forwarded-host: shop.example',
  expect.stringMatching(/^x-request-id: [\w.-]{8,64}$/),
  'x-auth-principal: basic:alice',
  'x-auth-scopes: a',
]
const ALL_OF_OURS = [...OURS, 'Connection: close']

describe('I-15 fields that identify', () => {
  it.each([
    ['X-Api-Key: a', 'X-Api-Key: b'],
    ['X-Api-Key: a', 'x-API-key: a'],
    ['Authorization: a', 'authorization: b'],
    ['X-Token: a', 'X-TOKEN: b'],
    ['Content-Type: text/plain', 'Content-Type: application/json'],
  ])('are refused twice: %s and %s', async (...lines) => {
    await refused(lines)
  })

  it('are dropped with an underscore in place of a dash', async () => {
    const lines = [
      'X_Api_Key: a',
      'X_Forwarded_For: 192.0.2.1',
      'Content_Length: 5',
      'x_auth_principal: root',
    ]
    expect(await forwarded(lines)).toEqual(ALL_OF_OURS)
  })

  it('are forwarded once, in lower case', async () => {
    const lines = ['X-API-Key: a', 'AUTHORIZATION: b', 'Content-Type: c', 'Cookie: d=1', 'Cookie: e=2']
    const own = ['x-api-key: a', 'authorization: b', 'content-type: c', 'cookie: d=1', 'cookie: e=2']
    expect(await forwarded(lines)).toEqual([...OURS, ...own, 'Connection: close'])
  })

  it('I-13 are forwarded empty where they are empty', async () => {
    expect(await forwarded(['X-Api-Key:'])).toContain('x-api-key: ')
  })
})

describe('I-11 values', () => {
  it.each([['\xc3\xa9'], ['e\xcc\x81'], ['\xef\xbc\x91'], ['Admin'], ['ADMIN'], ['a  b']])(
    'arrive byte for byte: %s',
    async (value) => {
      expect(await forwarded([`X-A: ${value}`])).toContain(`x-a: ${value}`)
    },
  )
})

describe('I-14 names of properties', () => {
  it('are names of fields like any other', async () => {
    const lines = ['constructor: a', 'hasOwnProperty: b', 'toString: c', '__proto__: d']
    const own = ['constructor: a', 'hasownproperty: b', 'tostring: c']
    expect(await forwarded(lines)).toEqual([...OURS, ...own, 'Connection: close'])
  })
})

describe('I-44 fields that Connection names', () => {
  const identifying = ['Authorization: a', 'Cookie: b=1', 'X-Api-Key: c', 'X-Other: d']

  it('are gone before anything is judged, and ours arrive', async () => {
    const named =
      'Connection: close, X-Forwarded-For, Authorization, X-Auth-Principal, Cookie, Host, X-Request-Id'
    expect(await forwarded([named, ...identifying])).toEqual([
      ...OURS,
      'x-api-key: c',
      'x-other: d',
      'Connection: close',
    ])
    expect(direct.read).toMatchObject([{ fields: ['x-api-key', 'c', 'x-other', 'd'] }])
  })

  it('are those of all lines, in any case', async () => {
    const lines = ['Connection: keep-alive , authorization', 'Connection:COOKIE,,x-api-key\t', ...identifying]
    expect(await forwarded(lines)).toEqual([...OURS, 'x-other: d', 'Connection: close'])
  })

  it('never take from a trusted proxy what it says of the client', async () => {
    const lines = ['Connection: X-Forwarded-For, X-Forwarded-Proto', 'X-Forwarded-For: 192.0.2.1']
    expect(await forwarded(lines, behind)).toContain('x-forwarded-for: 192.0.2.1')
  })

  it('do not change where a body ends', async () => {
    const head =
      'POST /a HTTP/1.1\r\nHost: shop.example\r\nConnection: Content-Length\r\nContent-Length: 2\r\n\r\n'
    await direct.send(`${head}hi`)
    expect(direct.received).toMatchObject([{ body: 'hi' }])
  })

  it.each([['Keep-Alive'], ['Proxy-Connection'], ['TE'], ['Trailer'], ['Upgrade']])(
    'are not those that %s names',
    async (name) => {
      const own = ['authorization: a', 'cookie: b=1', 'x-api-key: c', 'x-other: d']
      expect(await forwarded([`${name}: Authorization, X-Forwarded-For, Cookie`, ...identifying])).toEqual([
        ...OURS,
        ...own,
        'Connection: close',
      ])
    },
  )
})

describe('I-45 fields that only proxies may send', () => {
  const mayStand = new Set(['connection', 'content-length', 'expect', 'host', 'transfer-encoding'])
  const names = [
    ...CONNECTION_FIELDS.filter((name) => !mayStand.has(name)),
    ...SPOOFED_FIELDS,
    ...SPOOFED_PREFIXES.map((prefix) => `${prefix}anything`),
    ...['user', 'email', 'groups', 'proto', 'host', 'prefix', 'uri'].map((name) => `x-forwarded-${name}`),
    ...['x-original-url', 'x-rewrite-url', 'x-auth-principal', 'x-auth-scopes', 'x-request-id'],
  ]

  it.each(names)('arrive from us or not at all: %s', async (name) => {
    for (const front of [direct, behind]) {
      const fields = await forwarded([`${name}: forged`, `${name.toUpperCase()}: forged`], front)
      expect(fields.join('\n')).not.toContain('forged')
    }
  })
})

describe('I-04 other fields than X-Forwarded-For', () => {
  it('say nothing of the client, whoever sends them', async () => {
    const lines = ['Forwarded: for=192.0.2.1', 'X-Real-IP: 192.0.2.2', 'CF-Connecting-IP: 192.0.2.3']
    expect(await forwarded([...lines, 'X-Forwarded-For: 192.0.2.4'], behind)).toContain(
      'x-forwarded-for: 192.0.2.4',
    )
    expect(await forwarded(lines, behind)).toContain('x-forwarded-for: 127.0.0.1')
  })
})

describe('I-01 X-Forwarded-For of a peer that is not trusted', () => {
  it('is ignored, and replaced', async () => {
    for (let i = 0; i < 100; i++) {
      expect(await forwarded([`X-Forwarded-For: 192.0.2.${i}`])).toEqual(ALL_OF_OURS)
    }
    expect(new Set(direct.read.map((read) => 'ip' in read && read.ip))).toEqual(new Set(['127.0.0.1']))
  })
})

describe('I-52 request ids', () => {
  const idOf = (fields: readonly string[]) => fields.find((field) => field.startsWith('x-request-id: '))

  it('of a trusted proxy are kept', async () => {
    expect(idOf(await forwarded(['X-Request-Id: a.B_c-9'], behind))).toBe('x-request-id: a.B_c-9')
  })

  it('of anybody else are replaced, each by another', async () => {
    const first = idOf(await forwarded(['X-Request-Id: mine']))
    const second = idOf(await forwarded(['X-Request-Id: mine']))
    expect(first).toMatch(/^x-request-id: [\w-]{8,64}$/)
    expect(second).not.toBe(first)
  })

  it.each([
    ['\x1b[31m'.slice(1)],
    ['a b'],
    ['"a"'],
    ['a'.repeat(10_000)],
    [''],
    ['{"a":1}'],
    ['a\xe9'],
    ['a,b'],
  ])('that could deceive who reads a log are replaced: %j', async (id) => {
    expect(idOf(await forwarded([`X-Request-Id: ${id}`], behind))).toMatch(/^x-request-id: [\w-]{8,64}$/)
  })

  it('that are there twice are replaced', async () => {
    const fields = await forwarded(['X-Request-Id: one', 'X-Request-Id: two'], behind)
    expect(idOf(fields)).not.toMatch(/one|two/)
  })
})

describe('whatever fields a client sends', () => {
  const name = fc.oneof(
    fc.constantFrom(...CONNECTION_FIELDS, ...SPOOFED_FIELDS, 'x-forwarded-for', 'X-Api-Key', 'Authorization'),
    fc.stringMatching(/^[A-Za-z_-]{1,12}$/),
  )
  const lines = fc.array(
    fc.tuple(name, fc.stringMatching(/^[ -~]{0,12}$/)).map(([key, value]) => `${key}: ${value.trim()}`),
    { maxLength: 8 },
  )

  it('the upstream gets those that were judged, behind ours', async () => {
    let count = 0
    await fc.assert(
      fc.asyncProperty(lines, async (given) => {
        direct.clear()
        await direct.send(
          `GET / HTTP/1.1\r\nHost: shop.example\r\n${given.map((one) => `${one}\r\n`).join('')}\r\n`,
        )
        if (direct.received.length === 0) return
        count++
        const [read] = direct.read
        const [{ fields = [] } = {}] = direct.received
        const isJudged = read !== undefined && 'fields' in read && 'ip' in read
        expect(isJudged && fields.slice(2 * OURS.length).slice(0, read.fields.length)).toEqual(
          isJudged && read.fields,
        )
        expect(fields.length).toBeLessThanOrEqual(2 * OURS.length + (isJudged ? read.fields.length : 0) + 4)
      }),
      { numRuns: 300 },
    )
    expect(count).toBeGreaterThan(20)
  })
})
