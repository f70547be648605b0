import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HpackError } from '../../src/http2/hpack/hpack-error.ts'
import { decodeHuffman, HUFFMAN_LENGTHS } from '../../src/http2/hpack/huffman.ts'
import { HUFFMAN_CODES, huffman } from './hpack-blocks.ts'

/** All octets in their order, as the package golang.org/x/net/http2/hpack encodes them. */
const ALL_OCTETS =
  'ffc7fffd8fffffe2fffffe3fffffe4fffffe5fffffe6fffffe7fffffe8ffffeafffffff3fffffa7fffffabffffffdfff' +
  'ffebfffffecfffffedfffffeefffffefffffff0ffffff1ffffff2fffffffbfffffcffffffd3fffffd7fffffdbfffffdf' +
  'fffffe3fffffe7fffffebfffffed4fe3f9ffaffcabf1febfafefe7fdfd2cbb00089969b71d79fb9f7fff20ffbff3ff50' +
  'ddbd7f061c58f265cd9f469d5af66dddbf871e5f9cff7ff7fffc3ff9ffe45fff4719242cb34e6e9d68a6a3d7dac426de' +
  'fe3cfaf7fffbfe7ffbffdffffffcfffe6ffff4bfff9ffffa3fffd3ffff53fffd5ffffb3fffeb7fffdaffffb7ffff73ff' +
  'feeffffdeffffebffffbfffffd9ffffdbfffebffffe0ffffeeffffc3ffff8bffff1ffffe4fffee7fffb1ffff97fffd9f' +
  'fffcdffff9fffffbffffdafffeeffff4ffffb7fffee7fffe8ffffd3fffdeffffd5fffeeffffbdffffe1fffdfffff7fff' +
  'ff5ffffecffff07fff87fffe0ffff17fffedffff87ffff77fffeffffeaffff8bfffe3ffff93ffff87fffcbffff37ffff' +
  '1fffff83ffffe1fffebfffe3ffff3fffff2ffffa3ffffd9fffff17ffffc7fffff27ffffdefffffbffffff2fffff8ffff' +
  'fb7fff97fff8fffffe6fffffc1fffff87ffffe7fffffc5ffffe5fffe4ffff2fffffd1fffff4ffffffefffffe3fffffc9' +
  'fffff97fffb3ffffcffffb7fffcdffff4ffff9ffffd1ffffcffffeaffffafffffddffffeffffff4fffff5fffffabffff' +
  'a7ffffd7fffff9bffffecfffffb7fffff3fffffe8fffffd3fffffabfffff5fffffff7ffffecfffffdbfffffbbfffff7f' +
  'fffff0fffffbbf'

const EOS = 256
const octetText = fc.string({ unit: fc.nat(255).map((octet) => String.fromCharCode(octet)), maxLength: 300 })

describe('the Huffman code', () => {
  it('is complete: no sequence of bits leads nowhere', () => {
    expect(HUFFMAN_LENGTHS).toHaveLength(257)
    expect(HUFFMAN_LENGTHS.reduce((sum, length) => sum + 2 ** -length, 0)).toBe(1)
  })

  it('decodes every octet as another implementation encodes it', () => {
    const text = String.fromCharCode(...Array.from({ length: 256 }, (_, octet) => octet))
    expect(decode(Buffer.from(ALL_OCTETS, 'hex'))).toBe(text)
    expect(huffman(text).toString('hex')).toBe(ALL_OCTETS)
  })

  it('decodes what was encoded', () => {
    fc.assert(
      fc.property(octetText, (text) => {
        expect(decode(huffman(text))).toBe(text)
      }),
      { numRuns: 500 },
    )
  })

  it('decodes strings of any length, the longest after the shortest', () => {
    for (const length of [0, 1, 1000, 1639, 1640, 20_000, 3]) {
      // The code of `0` is the shortest there is, so that the text is longest.
      const text = '0'.repeat(length)
      expect(decode(huffman(text))).toBe(text)
    }
  })

  it('decodes a part of a buffer, whatever is around it', () => {
    const octets = Buffer.concat([huffman('before'), huffman('www.example.com'), huffman('after')])
    const start = huffman('before').length
    expect(decodeHuffman(octets, start, start + huffman('www.example.com').length)).toBe('www.example.com')
  })

  it.each([
    ['padding by zeros', bits('00011', '000')],
    ['padding by a zero among ones', bits('00011', '101')],
    ['padding by another code that is not whole', bits('00011', '00011', '111110')],
    ['eight bits of padding', bits('00000', '111', '11111111')],
    ['a whole octet of padding alone', bits('11111111')],
    ['EOS', bits(code(EOS), '11')],
    ['EOS between two symbols', bits('00011', code(EOS), '00011')],
    ['EOS at the end of a string', bits('00011', '00011', code(EOS))],
    ['a long code that is cut', bits(code(0).slice(0, 8))],
  ])('refuses %s', (_, octets) => {
    expect(() => decode(octets)).toThrow(HpackError)
  })

  it.each([0, 1, 2, 3, 4, 5, 6, 7])('takes %i bits of padding', (length) => {
    const code = HUFFMAN_CODES.findIndex((bits) => bits.length % 8 === (8 - length) % 8)
    expect(code).toBeGreaterThanOrEqual(0)
    expect(decode(bits(`${HUFFMAN_CODES[code]}${'1'.repeat(length)}`))).toBe(String.fromCharCode(code))
  })
})

function decode(octets: Buffer): string {
  return decodeHuffman(octets, 0, octets.length)
}

function code(symbol: number): string {
  return HUFFMAN_CODES[symbol] as string
}

/** Octets of texts of 0 and 1; what is missing at the end are ones. */
function bits(...texts: readonly string[]): Buffer {
  const all = texts.join('')
  const octets = all.padEnd(Math.ceil(all.length / 8) * 8, '1').match(/.{8}/g) ?? []
  return Buffer.from(octets.map((octet) => Number.parseInt(octet, 2)))
}
