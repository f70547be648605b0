/** The examples of RFC 7541, appendix C: blocks, what they mean, and what the table holds after each. */
import { describe, expect, it } from 'vitest'
import { BlockReader } from '../../src/http2/hpack/block-reader.ts'
import { BlockWriter } from '../../src/http2/hpack/block-writer.ts'
import { HpackDecoder } from '../../src/http2/hpack/hpack-decoder.ts'
import { HpackError } from '../../src/http2/hpack/hpack-error.ts'
import type { HeaderField } from '../../src/http2/hpack/hpack-field.ts'

interface Example {
  readonly block: string
  /** Fields of the block, and of the table after it, each as `name: value`. */
  readonly fields: readonly string[]
  readonly table: readonly string[]
  readonly tableBytes: number
}

const AUTHORITY = ':authority: www.example.com'
const NO_CACHE = 'cache-control: no-cache'
const CUSTOM = 'custom-key: custom-value'
const FIRST_REQUEST = [':method: GET', ':scheme: http', ':path: /', AUTHORITY]
const THIRD_REQUEST = [':method: GET', ':scheme: https', ':path: /index.html', AUTHORITY, CUSTOM]

function requests(...blocks: readonly [string, string, string]): readonly Example[] {
  return [
    { block: blocks[0], fields: FIRST_REQUEST, table: [AUTHORITY], tableBytes: 57 },
    {
      block: blocks[1],
      fields: [...FIRST_REQUEST, NO_CACHE],
      table: [NO_CACHE, AUTHORITY],
      tableBytes: 110,
    },
    { block: blocks[2], fields: THIRD_REQUEST, table: [CUSTOM, NO_CACHE, AUTHORITY], tableBytes: 164 },
  ]
}

const PRIVATE = 'cache-control: private'
const DATE = 'date: Mon, 21 Oct 2013 20:13:21 GMT'
const NEXT_DATE = 'date: Mon, 21 Oct 2013 20:13:22 GMT'
const LOCATION = 'location: https://www.example.com'
const GZIP = 'content-encoding: gzip'
const COOKIE = 'set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1'

function responses(...blocks: readonly [string, string, string]): readonly Example[] {
  const first = [':status: 302', PRIVATE, DATE, LOCATION]
  const second = [':status: 307', PRIVATE, DATE, LOCATION]
  return [
    { block: blocks[0], fields: first, table: first.toReversed(), tableBytes: 222 },
    {
      block: blocks[1],
      fields: second,
      table: [':status: 307', LOCATION, DATE, PRIVATE],
      tableBytes: 222,
    },
    {
      block: blocks[2],
      fields: [':status: 200', PRIVATE, NEXT_DATE, LOCATION, GZIP, COOKIE],
      table: [COOKIE, GZIP, NEXT_DATE],
      tableBytes: 215,
    },
  ]
}

const HEADER = 'custom-key: custom-header'
const REPRESENTATIONS: Readonly<Record<string, Example>> = {
  'C.2.1, a literal with indexing': {
    block: '400a637573746f6d2d6b65790d637573746f6d2d686561646572',
    fields: [HEADER],
    table: [HEADER],
    tableBytes: 55,
  },
  'C.2.2, a literal without indexing': {
    block: '040c2f73616d706c652f70617468',
    fields: [':path: /sample/path'],
    table: [],
    tableBytes: 0,
  },
  'C.2.3, a literal that is never indexed': {
    block: '100870617373776f726406736563726574',
    fields: ['password: secret (never indexed)'],
    table: [],
    tableBytes: 0,
  },
  'C.2.4, an indexed field': { block: '82', fields: [':method: GET'], table: [], tableBytes: 0 },
}

const SERIES: Readonly<Record<string, readonly Example[]>> = {
  'C.3, requests without Huffman code': requests(
    '828684410f7777772e6578616d706c652e636f6d',
    '828684be58086e6f2d6361636865',
    '828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565',
  ),
  'C.4, requests with Huffman code': requests(
    '828684418cf1e3c2e5f23a6ba0ab90f4ff',
    '828684be5886a8eb10649cbf',
    '828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf',
  ),
  'C.5, responses without Huffman code': responses(
    '4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d546e17' +
      '68747470733a2f2f7777772e6578616d706c652e636f6d',
    '4803333037c1c0bf',
    '88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d41' +
      '53444a4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b207665727369' +
      '6f6e3d31',
  ),
  'C.6, responses with Huffman code': responses(
    '488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97' +
      'c8e9ae82ae43d3',
    '4883640effc1c0bf',
    '88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd' +
      '5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007',
  ),
}

describe('the examples of RFC 7541', () => {
  it.each([
    ['C.1.1, 10 with a prefix of five bits', '0a', 0x1f, 10],
    ['C.1.2, 1337 with a prefix of five bits', '1f9a0a', 0x1f, 1337],
    ['C.1.3, 42 with a prefix of eight bits', '2a', 0xff, 42],
  ])('%s', (_, octets, mask, value) => {
    const block = Buffer.from(octets, 'hex')
    const reader = new BlockReader()
    reader.open(block, 0, block.length)
    expect(reader.integer(reader.octet(), mask)).toBe(value)
    expect(reader.isAtEnd).toBe(true)

    const writer = new BlockWriter()
    const written = Buffer.alloc(block.length)
    writer.open(written, 0)
    writer.integer(value, 0, mask)
    expect(writer.close()).toBe(block.length)
    expect(written).toEqual(block)
  })

  it.each(Object.entries(REPRESENTATIONS))('%s', (_, example) => {
    check(newDecoder(4096), example)
  })

  it.each(Object.entries(SERIES))('%s', (name, examples) => {
    const decoder = newDecoder(name.includes('responses') ? 256 : 4096)
    for (const example of examples) check(decoder, example)
  })
})

type Decoder = HpackDecoder<readonly HeaderField[]>

function newDecoder(tableBytesMax: number): Decoder {
  return new HpackDecoder({ tableBytesMax, listBytesMax: 4096, interpret: (fields) => fields, tooLarge: [] })
}

function check(decoder: Decoder, { block, fields, table, tableBytes }: Example): void {
  expect(textsOf(decoder, Buffer.from(block, 'hex'))).toEqual(fields)
  // The table is read by its indexes, from 62 on, and has no more of them.
  const indexes = table.map((_, age) => 0x80 | (62 + age))
  expect(textsOf(decoder, Buffer.from(indexes))).toEqual(table)
  const beyond = Buffer.from([0x80 | (62 + table.length)])
  expect(() => textsOf(decoder, beyond)).toThrow(HpackError)
  // The colon and the space stand for two octets of the 32.
  expect(table.reduce((bytes, text) => bytes + text.length + 30, 0)).toBe(tableBytes)
}

function textsOf(decoder: Decoder, block: Buffer): string[] {
  return decoder
    .decode(block, 0, block.length)
    .map(({ name, value, isNeverIndexed }) => `${name}: ${value}${isNeverIndexed ? ' (never indexed)' : ''}`)
}
