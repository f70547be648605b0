/** No spelling of an address or a path has a budget of its own, or gets past a list: held against the parsers that others use. */
import fc from 'fast-check'
import ipaddr from 'ipaddr.js'
import { describe, expect, it } from 'vitest'
import { formatAddress, parseAddress } from '../../src/core/address.ts'
import { normalizePath } from '../../src/core/path.ts'
import { createLimiter } from '../../src/create-limiter.ts'

const NUM_RUNS = 2000

function oneOf<T>(...values: readonly T[]): fc.Arbitrary<T> {
  return fc.constantFrom(...values)
}

describe('a path', () => {
  const word = oneOf('admin', 'login', 'API', 'a.b', 'é', 'a b', "it's", 'x~y', '漢', 'a*b', '..c', '%zz')
  const byte = fc.integer({ min: 0, max: 255 }).map((value) => `%${value.toString(16).padStart(2, '0')}`)
  const piece = fc.oneof(
    word,
    byte,
    byte.map((triplet) => triplet.toUpperCase()),
    oneOf('/', '//', '\\', '.', '..', '%2e', '%2E', '.%2e', '/./', '/../', '%2f', '%5C', ';v=1', '..;', '%'),
    oneOf('%c0%ae', '%e0%80%af', '%252e', '%u002e', '\t', '\n', '\r', '\0', '"', '|', '`', '{', '\ud800'),
  )
  const hostilePath = fc.array(piece, { maxLength: 12 }).map((pieces) => `/${pieces.join('')}`)

  it('has the same normal form as what the WHATWG parser makes of it', () => {
    fc.assert(
      fc.property(hostilePath, (path) => {
        // The query keeps the parser from trimming the end, as no server does.
        const { pathname } = new URL(`http://host${path}?`)
        expect(normalizePath(path)).toBe(normalizePath(pathname))
      }),
      { numRuns: NUM_RUNS },
    )
  })

  it('is that of a URL, as the WHATWG parser reads it, where a whole URL is given', () => {
    const scheme = oneOf('http', 'https', 'HTTP', 'hTtPs', 'ws', 'wss')
    const slashes = oneOf('://', ':\\\\', ':/', ':///', ':', ':/\\/')
    const authority = oneOf(
      'h',
      'shop.example:8443',
      'user:pa@ss@h',
      '[::1]:80',
      '127.0.0.1',
      'xn--caf-dma.example',
    )
    const end = oneOf('', '?', '?q=/../x', '#f', '?http://other/b')
    fc.assert(
      fc.property(scheme, slashes, authority, fc.oneof(hostilePath, fc.constant('')), end, (...parts) => {
        const url = parts.join('')
        const { pathname } = new URL(url.endsWith(parts[3]) ? `${url}?` : url)
        expect(normalizePath(url)).toBe(normalizePath(pathname))
      }),
      { numRuns: NUM_RUNS },
    )
  })

  it('has a normal form that parsers leave as it is', () => {
    fc.assert(
      fc.property(hostilePath, (path) => {
        const normal = normalizePath(path)
        // `%u` is no triplet to anybody; a dot segment with parameters is a plain one for the parser.
        expect(new URL(`http://host${normal}?`).pathname).toBe(normal)
        expect(normalizePath(normal)).toBe(normal)
      }),
      { numRuns: NUM_RUNS },
    )
  })

  /** The text with some characters as triplets, whose digits are in either case. */
  function encoded(text: string): fc.Arbitrary<string> {
    const spellings = [...text].map((char) => {
      const triplets = [...new TextEncoder().encode(char)].map(
        (value) => `%${value.toString(16).padStart(2, '0')}`,
      )
      return oneOf(char, triplets.join(''), triplets.join('').toUpperCase())
    })
    return fc.tuple(...spellings).map((parts) => parts.join(''))
  }

  const separator = oneOf('/', '//', '\\', '/./', '/%2e/', '/x/../', '/x/%2E./', '\\.\\', '/;v=1/../')
  const resource = fc.array(oneOf('admin', 'users', 'é', 'a b', "it's", 'x~y'), {
    minLength: 1,
    maxLength: 3,
  })

  const spelled = resource.chain((segments) =>
    fc
      .tuple(
        fc.tuple(...segments.map((segment) => fc.tuple(separator, encoded(segment), oneOf('', ';v=1', ';')))),
        oneOf('', '/', '//', '/.', '?q=/../x', '#f'),
      )
      .map(([parts, end]) => ({
        plain: `/${segments.join('/')}`,
        spelling: parts.flat().join('') + end,
      })),
  )

  it('is denied in every spelling', () => {
    fc.assert(
      fc.property(spelled, ({ plain, spelling }) => {
        const limiter = createLimiter({ policies: [], deny: { path: [plain, '/admin/**'] } })
        expect(limiter.consumeSync({ path: spelling })).toMatchObject({ reason: 'denied-by-policy' })
      }),
      { numRuns: NUM_RUNS },
    )
  })

  it('is denied as `req.url` of a proxy request, too', () => {
    fc.assert(
      fc.property(spelled, ({ plain, spelling }) => {
        const limiter = createLimiter({ policies: [], deny: { path: [plain] } })
        const path = `http://shop.example:80${spelling}`
        expect(limiter.consumeSync({ path })).toMatchObject({ reason: 'denied-by-policy' })
      }),
      { numRuns: NUM_RUNS },
    )
  })

  it('may have a segment that looks like a scheme, in a pattern too', () => {
    const limiter = createLimiter({ policies: [], deny: { path: ['/http:/**'] } })
    expect(limiter.consumeSync({ path: '/http://h/a' })).toMatchObject({ reason: 'denied-by-policy' })
    expect(limiter.consumeSync({ path: 'http://h/a' })).toMatchObject({ allowed: true })
  })

  it('has one budget in all its spellings', () => {
    fc.assert(
      fc.property(spelled, ({ plain, spelling }) => {
        const limiter = createLimiter({ policies: [{ name: 'p', key: 'path', rules: ['1/min'] }] })
        expect(limiter.consumeSync({ path: plain })).toMatchObject({ allowed: true })
        expect(limiter.consumeSync({ path: spelling })).toMatchObject({ allowed: false })
      }),
      { numRuns: NUM_RUNS },
    )
  })

  it.each([
    ['/a', '/A'],
    ['/a/b', '/a%2Fb'],
    ['/a', '/a.'],
    ['/ab', '/a%00b'],
    ['/%2e%2e', '/%252e%252e'],
  ])('is not mixed up with another: %j and %j', (one, other) => {
    expect(normalizePath(one)).not.toBe(normalizePath(other))
  })
})

describe('an address', () => {
  /** The bytes that ipaddr.js reads, of an IPv4-mapped address those of IPv4; null where it reads none, or by numbers such as 127.1. */
  function oracle(text: string): readonly number[] | null {
    if (!text.includes(':'))
      return ipaddr.IPv4.isValidFourPartDecimal(text) ? ipaddr.parse(text).toByteArray() : null
    // Within IPv6 it takes octets with a leading zero, which some read as octal numbers.
    const last = text.slice(text.lastIndexOf(':') + 1)
    if (last.includes('.') && !ipaddr.IPv4.isValidFourPartDecimal(last)) return null
    if (!ipaddr.IPv6.isValid(text)) return null
    const address = ipaddr.IPv6.parse(text)
    return (address.isIPv4MappedAddress() ? address.toIPv4Address() : address).toByteArray()
  }

  function bytesOf(text: string): readonly number[] | null {
    const address = parseAddress(text)
    if (address === null) return null
    return address.flatMap((group) => [group >> 8, group & 0xff])
  }

  const byte = fc.integer({ min: 0, max: 255 })
  const ipv4 = fc.array(byte, { minLength: 4, maxLength: 4 })
  const group = fc.oneof(oneOf(0, 0xffff, 1), fc.integer({ min: 0, max: 0xffff }))
  const ipv6 = fc.oneof(
    fc.array(group, { minLength: 8, maxLength: 8 }),
    fc.tuple(group, group).map(([a, b]) => [0, 0, 0, 0, 0, 0xffff, a, b]),
  )

  function hex(value: number): fc.Arbitrary<string> {
    const text = value.toString(16)
    return oneOf(text, text.toUpperCase(), text.padStart(4, '0'))
  }

  /** Spellings of eight groups: with zeros left out somewhere, an IPv4 tail, other cases, leading zeros. */
  const spelledIpv6 = ipv6.chain((groups) =>
    fc.tuple(fc.tuple(...groups.map(hex)), fc.boolean(), fc.boolean()).map(([texts, hasTail, isShort]) => {
      const [a = 0, b = 0] = groups.slice(6)
      const tail = hasTail ? [[a >> 8, a & 255, b >> 8, b & 255].join('.')] : texts.slice(6)
      const all = [...texts.slice(0, 6), ...tail]
      const first = groups.slice(0, 6).indexOf(0)
      if (!isShort || first < 0) return all.join(':')
      let end = first
      while (end < 6 && groups[end] === 0) end++
      return `${all.slice(0, first).join(':')}::${all.slice(end).join(':')}`
    }),
  )
  const spelled = fc.oneof(
    ipv4.map((bytes) => bytes.join('.')),
    spelledIpv6,
  )

  it('is what ipaddr.js reads, in every spelling', () => {
    fc.assert(
      fc.property(spelled, (text) => {
        expect(oracle(text)).not.toBeNull()
        expect(bytesOf(text)).toEqual(oracle(text))
      }),
      { numRuns: NUM_RUNS },
    )
  })

  it('has one text and one budget with ports, brackets, zones and blanks', () => {
    const dressed = spelled.chain((text) =>
      fc
        .constantFrom(
          text,
          ` ${text}\t`,
          ...(text.includes(':')
            ? [`[${text}]`, `[${text}]:443`, `${text}%eth0`, `[${text}%1]:80`]
            : [`${text}:443`]),
        )
        .map((other) => [text, other] as const),
    )
    fc.assert(
      fc.property(dressed, ([text, other]) => {
        const limiter = createLimiter({ policies: [{ name: 'p', key: 'ip', rules: ['1/min'] }] })
        expect(limiter.consumeSync({ ip: text })).toMatchObject({ allowed: true })
        expect(limiter.consumeSync({ ip: other })).toMatchObject({ allowed: false })
        const denying = createLimiter({
          policies: [],
          deny: { ip: [formatAddress(parseAddress(text) ?? [])] },
        })
        expect(denying.consumeSync({ ip: other })).toMatchObject({ reason: 'denied-by-policy' })
      }),
      { numRuns: NUM_RUNS },
    )
  })

  it('is refused where it is none', () => {
    const pieces = fc
      .array(
        oneOf(
          '0',
          '1',
          '7',
          '255',
          '256',
          '010',
          'f',
          'FFFF',
          '10000',
          '.',
          ':',
          '::',
          '0x7f',
          '-',
          'g',
          '/8',
          'é',
        ),
        { minLength: 1, maxLength: 9 },
      )
      .map((parts) => parts.join(''))
    const octet = oneOf(
      '0',
      '00',
      '01',
      '010',
      '0377',
      '8',
      '255',
      '256',
      '257',
      '300',
      '1000',
      '',
      '-1',
      '0x1',
      'f',
    )
    const octets = fc.array(octet, { minLength: 3, maxLength: 5 }).map((parts) => parts.join('.'))
    const hextet = oneOf('0', 'ffff', 'FFFF', '00001', '10000', 'g', '', '1.2.3.4', '1.2.3.256', '01.2.3.4')
    const hextets = fc.array(hextet, { minLength: 6, maxLength: 9 }).map((parts) => parts.join(':'))
    // Most of an address is right, so that one wrong part is what it is refused for.
    const nearly = fc
      .tuple(ipv4, fc.integer({ min: 0, max: 3 }), octet)
      .map(([bytes, at, wrong]) => bytes.map((value, n) => (n === at ? wrong : value)).join('.'))
    const text = fc.oneof(pieces, octets, hextets, nearly)
    fc.assert(
      fc.property(text, (spelling) => {
        // A port is no part of an address, and ipaddr.js knows none.
        const isPort = /^[\d.]+:\d{1,5}$/.test(spelling)
        if (isPort) return
        expect(bytesOf(spelling)).toEqual(oracle(spelling))
        if (bytesOf(spelling) !== null) return
        const limiter = createLimiter({ policies: [{ name: 'p', key: 'ip', rules: ['1/min'] }] })
        expect(() => limiter.consumeSync({ ip: spelling })).toThrow('is not an address')
      }),
      { numRuns: NUM_RUNS },
    )
  })

  it.each([
    '127.1',
    '0x7f.0.0.1',
    '0177.0.0.1',
    '2130706433',
    '１.2.3.4',
    '1.2.3.4\0',
    '::1::',
    '::ffff:01.2.3.4',
    'unix:',
    'unknown',
  ])('is refused by other notations: %j', (ip) => {
    const limiter = createLimiter({ policies: [], deny: { ip: ['127.0.0.1'] } })
    expect(() => limiter.consumeSync({ ip })).toThrow('is not an address')
  })
})
