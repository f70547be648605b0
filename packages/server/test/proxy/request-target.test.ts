import fc from 'fast-check'
import { normalizePath } from 'headgate/http'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { isAnswer } from '../../src/proxy/request/compile-request-reader.ts'
import { RequestFront } from './request-front.ts'

const fronts = new Map<'refuse' | 'pass', RequestFront>()
beforeAll(async () => {
  for (const encoded of ['refuse', 'pass'] as const) {
    fronts.set(encoded, await RequestFront.open({ settings: { paths: { ignoreCase: false, encoded } } }))
  }
})
beforeEach(() => {
  for (const front of fronts.values()) front.clear()
})
afterAll(() => Promise.all([...fronts.values()].map((front) => front.close())))

function frontOf(encoded: 'refuse' | 'pass'): RequestFront {
  return fronts.get(encoded) as RequestFront
}

/** What the upstream received for a target, or the status with which it was refused. */
async function fate(target: string, encoded: 'refuse' | 'pass' = 'refuse'): Promise<string | number> {
  const front = frontOf(encoded)
  front.clear()
  const { statuses } = await front.send(`GET ${target} HTTP/1.1\r\nHost: shop.example\r\n\r\n`)
  if (statuses[0] !== 200) expect(front.received).toEqual([])
  return front.received[0]?.url ?? statuses[0] ?? 0
}

describe('I-42 targets', () => {
  it.each([
    ['/', '/'],
    ['//a', '/a'],
    ['/./a', '/a'],
    ['/../a', '/a'],
    ['/a/%2e%2e/b', '/b'],
    ['/%2e%2e/a', '/a'],
    ['/a/', '/a/'],
    ['/A', '/A'],
    ['/a;jsessionid=1', '/a;jsessionid=1'],
    ['/a ', '/a'],
    ['/a?b=%2f..%2f&c=//../', '/a?b=%2f..%2f&c=//../'],
    ['/a?', '/a?'],
    ['/a??b', '/a??b'],
    ['/a?b=\\"<>[]^`{|}', '/a?b=\\"<>[]^`{|}'],
    ['http://shop.example//a/./b?c', '/a/b?c'],
  ])('arrive in one spelling: %s as %s', async (target, received) => {
    expect(await fate(target)).toBe(received)
  })

  it.each([
    ['/a/..;/b'],
    ['//a/../b'],
    ['/a%2fb'],
    ['/a%5cb'],
    ['/a\\b'],
    ['/a%00'],
    ['/%u002e%u002e/a'],
    ['/%c0%ae%c0%ae/a'],
    ['/%252e%252e/a'],
    ['/a#b'],
    ['/a?b#c'],
    ['/a%3fb'],
    ['/a%23b'],
    ['/a%3bb'],
    ['/%'],
    ['/a%0d%0aX-A:b'],
    ['/\xe9'],
    ['/a?\xe9'],
    ['/a\tb'],
    ['/a b'],
    ['*'],
    ['a'],
    ['?a'],
    ['shop.example:80'],
    ['http:/shop.example/'],
    ['http://shop.example#a'],
    ['http://'],
  ])('are refused that can be read in several ways: %s', async (target) => {
    expect(await fate(target)).toBe(400)
  })

  it('are refused that ask about the server as a whole', async () => {
    await frontOf('refuse').send('OPTIONS * HTTP/1.1\r\nHost: shop.example\r\n\r\n')
    expect(frontOf('refuse').read).toMatchObject([{ status: 400 }])
    expect(frontOf('refuse').received).toEqual([])
  })

  it('are refused with 64 KB', async () => {
    expect(await fate(`/${'a'.repeat(64 * 1024)}`)).toBe(414)
    expect(await fate(`/?${'a'.repeat(64 * 1024)}`)).toBe(414)
  })

  it.each([
    ['/a%2fb%25', '/a%2Fb%25'],
    ['/a%2f..%2fb', 400],
    ['/a%252e', '/a%252e'],
    ['/%252e%252e/a', 400],
    ['/a%00', 400],
  ])('may have encoded characters where a file says so: %s', async (target, received) => {
    expect(await fate(target, 'pass')).toBe(received)
  })

  it('I-16 keep their query byte for byte: brackets in it make no list and no map', async () => {
    const query = '?key[]=1&key[$gt]=&key=2&__proto__[a]=b'
    expect(await fate(`/a${query}`)).toBe(`/a${query}`)
    expect(frontOf('refuse').read).toMatchObject([{ query }])
  })

  const piece = fc.oneof(
    fc.constantFrom(
      '/',
      '//',
      '.',
      '..',
      '%2e',
      '%2E',
      '%2f',
      '%5C',
      '%25',
      '%3b',
      '%c3%a9',
      '%61',
      '%',
      ';',
      '?',
    ),
    fc.constantFrom(
      '#',
      '\\',
      '"',
      '|',
      '*',
      '%00',
      '%7f',
      '%c0%ae',
      'a',
      'B',
      '=',
      '&',
      '\x7f',
      '\x80',
      '\t',
    ),
    fc.string({
      unit: fc.integer({ min: 0x21, max: 0xff }).map((code) => String.fromCharCode(code)),
      maxLength: 3,
    }),
  )
  const targets = fc.array(piece, { maxLength: 10 }).map((pieces) => `/${pieces.join('')}`)

  it('are refused, or what was judged is what arrives, and means what the client sent', async () => {
    let forwarded = 0
    await fc.assert(
      fc.asyncProperty(
        targets,
        fc.constantFrom('refuse' as const, 'pass' as const),
        async (target, encoded) => {
          const received = await fate(target, encoded)
          if (typeof received === 'number') {
            expect(received).toBe(400)
            return
          }
          forwarded++
          const read = frontOf(encoded).read[0]
          if (read === undefined || isAnswer(read)) throw new Error('It was forwarded unread.')
          expect(received).toBe(read.path + read.query)
          const [sentPath = '', ...sentQuery] = target.split('?')
          expect(normalizePath(received)).toBe(normalizePath(sentPath))
          expect(received.split('?').slice(1)).toEqual(sentQuery)
        },
      ),
      { numRuns: 500 },
    )
    expect(forwarded).toBeGreaterThan(20)
  })
})

describe('hosts', () => {
  let front: RequestFront
  beforeAll(async () => {
    front = await RequestFront.open({ settings: { hosts: ['shop.example', '[::1]'] } })
  })
  beforeEach(() => front.clear())
  afterAll(() => front.close())

  it.each([
    ['shop.example', 'shop.example'],
    ['SHOP.Example', 'shop.example'],
    ['shop.example.', 'shop.example'],
    ['shop.example.:8080', 'shop.example:8080'],
    ['shop.example:08080', 'shop.example:8080'],
    ['[::1]:80', '[::1]:80'],
  ])('arrive in one spelling: %s as %s', async (given, authority) => {
    await front.send(`GET / HTTP/1.1\r\nHost: ${given}\r\n\r\n`)
    expect(front.read).toMatchObject([{ authority }])
    expect(front.received[0]?.fields.slice(0, 2)).toEqual(['host', authority])
  })

  it.each([['other.example'], ['www.shop.example'], ['shop.example.evil'], ['127.0.0.1'], ['[::2]']])(
    'that are not listed are refused: %s',
    async (host) => {
      const { statuses } = await front.send(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
      expect(statuses).toEqual([421])
      expect(front.received).toEqual([])
    },
  )

  it.each([
    ['user@shop.example'],
    ['shop.example:'],
    ['shop.example:0'],
    ['shop.example:65536'],
    ['shop.example:80:80'],
    ['shop.example:a'],
    ['shop.example/'],
    ['shop..example'],
    ['.shop.example'],
    ['shop.example, other.example'],
    ['shop.example other.example'],
    ['[::1'],
    ['[::1%25lo]'],
    ['[1.2.3.4]'],
    ['::1'],
    ['sh\xf6p.example'],
    [`${'a'.repeat(300)}.example`],
  ])('that are no names are refused: %s', async (host) => {
    const { statuses } = await front.send(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
    expect(statuses).toEqual([400])
    expect(front.received).toEqual([])
  })
})
