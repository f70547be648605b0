/** Header blocks, written representation by representation (RFC 7541, section 6): also those that no good encoder writes. */
import { HUFFMAN_LENGTHS } from '../../src/http2/hpack/huffman.ts'

/** A name, or the index of a field that has it; how its strings are written. */
export interface Literal {
  readonly name: string | number
  readonly value: string
  readonly isHuffman?: boolean
}

/** How a literal is to be kept: in the table, not, or by nobody ever. */
export type LiteralKind = 'inserted' | 'plain' | 'never'

const KINDS: Readonly<Record<LiteralKind, readonly [first: number, mask: number]>> = {
  inserted: [0x40, 0x3f],
  plain: [0x00, 0x0f],
  never: [0x10, 0x0f],
}

export function indexed(index: number): Buffer {
  return integer(0x80, 0x7f, index)
}

export function sizeUpdate(bytes: number): Buffer {
  return integer(0x20, 0x1f, bytes)
}

export function literal(kind: LiteralKind, { name, value, isHuffman = false }: Literal): Buffer {
  const [first, mask] = KINDS[kind]
  const index = typeof name === 'number' ? name : 0
  const nameOctets = typeof name === 'number' ? Buffer.alloc(0) : string(name, isHuffman)
  return Buffer.concat([integer(first, mask, index), nameOctets, string(value, isHuffman)])
}

export function string(text: string, isHuffman: boolean): Buffer {
  const octets = isHuffman ? huffman(text) : Buffer.from(text, 'latin1')
  return Buffer.concat([integer(isHuffman ? 0x80 : 0, 0x7f, octets.length), octets])
}

/** An integer (section 5.1) behind the bits of `first`. */
function integer(first: number, mask: number, value: number): Buffer {
  if (value < mask) return Buffer.from([first | value])
  const octets = [first | mask]
  let rest = value - mask
  for (; rest >= 128; rest = Math.floor(rest / 128)) octets.push(128 + (rest % 128))
  return Buffer.from([...octets, rest])
}

/** The Huffman code of a latin1 text, padded as it has to be (section 5.2). */
export function huffman(text: string): Buffer {
  const bits = Array.from(text, (character) => HUFFMAN_CODES[character.charCodeAt(0)]).join('')
  const octets = bits.padEnd(Math.ceil(bits.length / 8) * 8, '1').match(/.{8}/g) ?? []
  return Buffer.from(octets.map((octet) => Number.parseInt(octet, 2)))
}

/** The codes of all octets and of EOS, as texts of 0 and 1. */
export const HUFFMAN_CODES: readonly string[] = listCodes()

/** In the order of length and symbol, each is the one before it plus 1 (section 5.2: the code is canonical). */
function listCodes(): string[] {
  const codes: string[] = []
  const order = HUFFMAN_LENGTHS.map((length, symbol) => ({ length, symbol }))
  order.sort((one, other) => one.length - other.length || one.symbol - other.symbol)
  let next = 0
  let last = 0
  for (const { length, symbol } of order) {
    next *= 2 ** (length - last)
    last = length
    codes[symbol] = next.toString(2).padStart(length, '0')
    next += 1
  }
  return codes
}
