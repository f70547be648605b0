import { describe, expect, it } from 'vitest'
import { hashOf } from '../../src/http2/hpack/block-cache.ts'
import { HpackDecoder } from '../../src/http2/hpack/hpack-decoder.ts'
import { HpackError } from '../../src/http2/hpack/hpack-error.ts'
import type { HeaderField } from '../../src/http2/hpack/hpack-field.ts'
import { indexed, literal, sizeUpdate, string } from './hpack-blocks.ts'

const NEWEST = 62
const POST = indexed(3)
const A = literal('inserted', { name: 'a', value: '1' })

describe('a malformed block', () => {
  const overlong = Buffer.from([0x80, 0x80, 0x80, 0x80, 0x00])
  it.each<[string, ...Buffer[]]>([
    ['index 0', indexed(0)],
    ['an index beyond the static table, while the dynamic table is empty', indexed(NEWEST)],
    ['an index beyond the dynamic table', A, indexed(NEWEST + 1)],
    ['an index that is far too large', indexed(2 ** 27)],
    [
      'a name at an index beyond the tables, with indexing',
      literal('inserted', { name: NEWEST, value: 'v' }),
    ],
    [
      'a name at an index beyond the tables, without indexing',
      literal('plain', { name: NEWEST, value: 'v' }),
    ],
    ['a name at an index beyond the tables, never indexed', literal('never', { name: NEWEST, value: 'v' })],
    ['an integer that is cut after its prefix', Buffer.from([0xff])],
    ['an integer that is cut later', Buffer.from([0xff, 0x80, 0x80])],
    ['an integer of more octets than any needs', Buffer.from([0xff]), overlong],
    ['an integer that overflows 32 bits', Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0x0f])],
    ['an integer that overflows 53 bits', Buffer.from([0xff, ...Buffer.alloc(9, 0xff), 0x7f])],
    ['an integer without an end', Buffer.from([0xff, ...Buffer.alloc(1000, 0x80)])],
    ['a length that overflows', Buffer.from([0x00, 0x7f, 0xff, 0xff, 0xff, 0xff, 0x0f])],
    ['a literal without a name', Buffer.from([0x40])],
    ['a literal without a value', Buffer.from([0x40]), string('name', false)],
    ['a literal with the name of an index, without a value', Buffer.from([0x44])],
    ['a name that is cut', Buffer.from([0x40, 5]), Buffer.from('nam')],
    ['a value that is cut by one octet', Buffer.from([0x44, 4]), Buffer.from('/ab')],
    ['a Huffman code that is cut', Buffer.from([0x44, 0x84]), Buffer.from('/ab')],
    ['a Huffman code with wrong padding', Buffer.from([0x44, 0x81, 0x18])],
    ['a Huffman code of nothing but padding', Buffer.from([0x44, 0x81, 0xff])],
    ['a Huffman code with EOS', Buffer.from([0x44, 0x84, 0xff, 0xff, 0xff, 0xff])],
    ['a name with a wrong Huffman code', Buffer.from([0x00, 0x81, 0xff, 0x00])],
    ['a table size larger than that of SETTINGS', sizeUpdate(4097)],
    ['a table size that overflows', Buffer.from([0x3f]), overlong],
    ['a table size after a field', POST, sizeUpdate(100)],
    ['a table size at the end', POST, sizeUpdate(4096)],
    ['a table size larger than allowed after one that is not', sizeUpdate(10), sizeUpdate(5000)],
    ['a table size that is cut', Buffer.from([0x3f, 0x80])],
    ['more table sizes than anybody needs', ...Array.from({ length: 9 }, () => sizeUpdate(0))],
  ])('is one with %s', (_, ...parts) => {
    const { decode, lists } = newDecoder()
    expect(() => decode(...parts)).toThrow(HpackError)
    expect(lists).toEqual([])
  })

  it('is one that ends anywhere but behind a field', () => {
    const parts = [
      POST,
      literal('plain', { name: 'name', value: 'value', isHuffman: true }),
      literal('inserted', { name: 60, value: 'v'.repeat(300) }),
    ]
    const whole = Buffer.concat(parts)
    const ends = parts.map((_, i) => Buffer.concat(parts.slice(0, i)).length)
    for (let end = 0; end < whole.length; end++) {
      const { decode } = newDecoder()
      if (ends.includes(end)) decode(whole.subarray(0, end))
      else expect(() => decode(whole.subarray(0, end)), `${end}`).toThrow(HpackError)
    }
  })

  it('is read no further than to its end', () => {
    const { decoder } = newDecoder()
    const octets = Buffer.concat([POST, literal('plain', { name: 'a', value: 'value' }), POST])
    for (let end = 2; end < octets.length - 1; end++)
      expect(() => decoder.decode(octets, 1, end), `${end}`).toThrow(HpackError)
    expect(decoder.decode(octets, 1, octets.length - 1)).toEqual([{ name: 'a', value: 'value' }])
    // Of a table size there is one octet here, and the other is that of somebody else.
    expect(() => decoder.decode(sizeUpdate(40), 0, 1)).toThrow(HpackError)
  })
})

describe('what is no fault of a block', () => {
  it.each<[string, Buffer, readonly HeaderField[]]>([
    ['nothing', Buffer.alloc(0), []],
    ['an empty name', literal('plain', { name: '', value: 'v' }), [{ name: '', value: 'v' }]],
    ['an empty value', literal('plain', { name: 'n', value: '' }), [{ name: 'n', value: '' }]],
    ['an empty Huffman code', Buffer.from([0x00, 0x81, 0x1f, 0x80]), [{ name: 'a', value: '' }]],
    ['upper case', literal('plain', { name: 'N', value: 'V' }), [{ name: 'N', value: 'V' }]],
    [
      'control characters and octets above 127',
      literal('plain', { name: 'n', value: '\0\r\n\x7f\x80\xff' }),
      [{ name: 'n', value: '\0\r\n\x7f\x80\xff' }],
    ],
    [
      'an integer longer than it has to be',
      Buffer.concat([
        Buffer.from([0x00]),
        Buffer.from([0x7f, 0x81, 0x80, 0x00]),
        Buffer.alloc(128, 'a'),
        Buffer.from([0x00]),
      ]),
      [{ name: 'a'.repeat(128), value: '' }],
    ],
    [
      'the same name as in the static table',
      literal('plain', { name: 'via', value: 'x' }),
      [{ name: 'via', value: 'x' }],
    ],
  ])('%s', (_, block, fields) => {
    expect(newDecoder().decode(block)).toEqual(fields)
  })
})

describe('the size of the table', () => {
  it('is what updates at the start of a block make it, of which there may be several', () => {
    const { decode, table } = newDecoder()
    decode(A, literal('inserted', { name: 'b', value: '2' }))
    expect(table(2)).toEqual(['b: 2', 'a: 1'])
    // As python-hpack sends them: all sizes that were announced since the last block.
    decode(sizeUpdate(4096), sizeUpdate(34), sizeUpdate(4096), POST)
    expect(table(1)).toEqual(['b: 2'])
    decode(sizeUpdate(33))
    expect(table(0)).toEqual([])
  })

  it('evicts the oldest fields, and no more of them than it has to', () => {
    const { decode, table } = newDecoder({ tableBytesMax: 3 * 34 })
    for (let i = 0; i < 9; i++) decode(literal('inserted', { name: 'n', value: `${i}` }))
    expect(table(3)).toEqual(['n: 8', 'n: 7', 'n: 6'])
    decode(literal('inserted', { name: 'n', value: 'xx' }))
    expect(table(2)).toEqual(['n: xx', 'n: 8'])
  })

  it('lets a field that is larger than the table empty it, which is no fault', () => {
    const { decode, table } = newDecoder({ tableBytesMax: 100 })
    decode(A)
    const value = 'v'.repeat(68)
    expect(decode(literal('inserted', { name: 'b', value }))).toEqual([{ name: 'b', value }])
    expect(table(0)).toEqual([])
    decode(literal('inserted', { name: 'b', value: value.slice(1) }))
    expect(table(1)).toEqual([`b: ${value.slice(1)}`])
  })

  it('may be 0', () => {
    const { decode, table } = newDecoder()
    decode(sizeUpdate(0), A)
    expect(table(0)).toEqual([])
    decode(sizeUpdate(4096), A)
    expect(table(1)).toEqual(['a: 1'])
  })

  it('lets a field take its name from one that it evicts (section 4.4)', () => {
    const { decode, table } = newDecoder({ tableBytesMax: 60 })
    decode(literal('inserted', { name: 'long-name', value: 'v' }))
    decode(literal('inserted', { name: NEWEST, value: 'w' }))
    expect(table(1)).toEqual(['long-name: w'])
  })

  it('allows as many fields as fit, of the smallest ones 128', () => {
    const { decode, table } = newDecoder()
    const empty = literal('inserted', { name: '', value: '' })
    for (let i = 0; i < 300; i++) decode(empty)
    expect(table(128)).toHaveLength(128)
  })
})

describe('a list that is too large', () => {
  const value = 'v'.repeat(67)
  const field = literal('plain', { name: 'n', value })

  it('is one of more octets than allowed, with 32 for each field', () => {
    const { decode } = newDecoder({ listBytesMax: 300 })
    expect(decode(field, field, field)).toHaveLength(3)
    expect(decode(field, field, field, POST)).toBe('too large')
    expect(decode(literal('plain', { name: 'n', value: 'v'.repeat(268) }))).toBe('too large')
    expect(decode(literal('plain', { name: 'n', value: 'v'.repeat(267) }))).toHaveLength(1)
  })

  it('is counted by what it becomes, not by what it takes', () => {
    const { decode } = newDecoder({ listBytesMax: 16_384 })
    const bomb = Buffer.alloc(16_000, indexed(NEWEST))
    expect(decode(literal('inserted', { name: 'n', value: 'v'.repeat(4000) }), bomb)).toBe('too large')
  })

  it('is not interpreted', () => {
    const { decode, lists } = newDecoder({ listBytesMax: 100 })
    decode(field, field)
    expect(lists).toEqual([])
  })

  it('keeps the table in step', () => {
    const { decode, table } = newDecoder({ listBytesMax: 200 })
    decode(field, field, field, A, literal('inserted', { name: 'b', value: '2' }))
    expect(table(2)).toEqual(['b: 2', 'a: 1'])
  })

  it('is still a fault where it is malformed later', () => {
    const { decode } = newDecoder({ listBytesMax: 10 })
    expect(() => decode(field, field, indexed(0))).toThrow(HpackError)
  })
})

describe('a secret', () => {
  const secret = literal('never', { name: 'authorization', value: 'Bearer x' })

  it('is told to be one, and kept in no table', () => {
    const { decode, table } = newDecoder()
    const [field] = decode(secret) as readonly HeaderField[]
    expect(field).toEqual({ name: 'authorization', value: 'Bearer x', isNeverIndexed: true })
    expect(table(0)).toEqual([])
  })

  it('is not remembered', () => {
    const { decode, lists } = newDecoder()
    for (let i = 0; i < 5; i++) decode(POST, secret)
    expect(lists).toHaveLength(5)
  })
})

describe('a block that comes again', () => {
  const plain = literal('plain', { name: 4, value: '/path', isHuffman: true })

  it('is interpreted twice, and then remembered', () => {
    const { decode, lists } = newDecoder()
    const answers = Array.from({ length: 5 }, () => decode(POST, plain))
    expect(lists).toHaveLength(2)
    expect(new Set(answers.slice(1)).size).toBe(1)
    expect(answers[4]).toEqual([
      { name: ':method', value: 'POST' },
      { name: ':path', value: '/path' },
    ])
  })

  it('means what the table says: it is forgotten when a field is added', () => {
    const { decode } = newDecoder()
    decode(A)
    for (let i = 0; i < 3; i++) expect(decode(indexed(NEWEST))).toEqual([{ name: 'a', value: '1' }])
    decode(literal('inserted', { name: 'b', value: '2' }))
    for (let i = 0; i < 3; i++) expect(decode(indexed(NEWEST))).toEqual([{ name: 'b', value: '2' }])
  })

  it('is forgotten when the table shrinks', () => {
    const { decode } = newDecoder()
    decode(A)
    for (let i = 0; i < 3; i++) decode(indexed(NEWEST))
    decode(sizeUpdate(0))
    expect(() => decode(indexed(NEWEST))).toThrow(HpackError)
  })

  it('changes the table each time that it says so', () => {
    const { decode, table, lists } = newDecoder()
    for (let i = 0; i < 5; i++) decode(A)
    expect(lists).toHaveLength(5)
    expect(table(5)).toEqual(Array.from({ length: 5 }, () => 'a: 1'))
  })

  it('is known by its octets: the buffer may hold others by then', () => {
    const { decoder } = newDecoder()
    const buffer = Buffer.from(plain)
    for (let i = 0; i < 3; i++) decoder.decode(buffer, 0, buffer.length)
    literal('plain', { name: 4, value: '/htap', isHuffman: true }).copy(buffer)
    expect(decoder.decode(buffer, 0, buffer.length)).toEqual([{ name: ':path', value: '/htap' }])
    plain.copy(buffer)
    expect(decoder.decode(buffer, 0, buffer.length)).toEqual([{ name: ':path', value: '/path' }])
  })

  it('is told apart from another one that has the same hash', () => {
    const { decode } = newDecoder()
    // Found by trying: of 100,000 blocks two have the same hash.
    const [one, other] = ['2jme6qes', '31ilj8c4'].map((value) => literal('plain', { name: 'n', value })) as [
      Buffer,
      Buffer,
    ]
    expect(hashOf(one, 0, one.length)).toBe(hashOf(other, 0, other.length))
    for (let i = 0; i < 3; i++) decode(one)
    expect(decode(other)).toEqual([{ name: 'n', value: '31ilj8c4' }])
  })

  it('is remembered as too large as well', () => {
    const { decode, lists } = newDecoder({ listBytesMax: 10 })
    for (let i = 0; i < 4; i++) expect(decode(plain)).toBe('too large')
    expect(lists).toEqual([])
  })

  it('is remembered only where it is short', () => {
    const { decode, lists } = newDecoder()
    const long = literal('plain', { name: 'n', value: 'v'.repeat(600) })
    for (let i = 0; i < 4; i++) decode(long)
    expect(lists).toHaveLength(4)
  })

  it('has to come again soon: 32 are remembered at most', () => {
    const { decode, lists } = newDecoder()
    const blocks = Array.from({ length: 200 }, (_, i) => literal('plain', { name: 'n', value: `${i}` }))
    for (let turn = 0; turn < 4; turn++) for (const block of blocks) decode(block)
    expect(lists.length).toBeGreaterThan(4 * (200 - 32))
  })
})

interface DecoderUnderTest {
  readonly decoder: HpackDecoder<unknown>
  decode(...parts: readonly Buffer[]): unknown
  /** All lists that were interpreted. */
  readonly lists: readonly (readonly HeaderField[])[]
  /** The fields of the table, of which there have to be as many. */
  table(length: number): string[]
}

function newDecoder({ tableBytesMax = 4096, listBytesMax = 65_536 } = {}): DecoderUnderTest {
  const lists: (readonly HeaderField[])[] = []
  const interpret = (fields: readonly HeaderField[]): unknown => {
    lists.push(fields)
    return fields
  }
  const decoder = new HpackDecoder<unknown>({ tableBytesMax, listBytesMax, interpret, tooLarge: 'too large' })
  const decode = (...parts: readonly Buffer[]): unknown => {
    const block = Buffer.concat(parts)
    return decoder.decode(block, 0, block.length)
  }
  return {
    decoder,
    decode,
    lists,
    table(length) {
      expect(() => decode(indexed(NEWEST + length))).toThrow(HpackError)
      const fields = Array.from({ length }, (_, age) => decode(indexed(NEWEST + age)) as HeaderField[])
      return fields.flat().map(({ name, value }) => `${name}: ${value}`)
    },
  }
}
