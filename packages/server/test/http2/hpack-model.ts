/** HPACK written down as plainly as RFC 7541 has it: what the quick decoder is held against. */
import { HpackError } from '../../src/http2/hpack/hpack-error.ts'
import type { HeaderField } from '../../src/http2/hpack/hpack-field.ts'
import { STATIC_FIELDS } from '../../src/http2/hpack/static-table.ts'
import { HUFFMAN_CODES } from './hpack-blocks.ts'

const SYMBOLS = new Map(HUFFMAN_CODES.map((code, symbol) => [code, symbol] as const))
const EOS = 256
/** What the decoder in the product refuses to read further than (section 5.1), and how often it has itself resized in a block. */
const INTEGER_OCTETS_MAX = 4
const SIZE_UPDATES_MAX = 8

/** A decoder that knows nothing but its table. */
export class ModelDecoder {
  readonly #tableBytesMax: number
  #bytesMax: number
  /** From the newest to the oldest. */
  table: HeaderField[] = []

  constructor(tableBytesMax: number) {
    this.#tableBytesMax = tableBytesMax
    this.#bytesMax = tableBytesMax
  }

  /** The fields of a block. Throws {@link HpackError}. */
  decode(block: Buffer): HeaderField[] {
    const octets = [...block]
    for (let updates = 1; octets[0] !== undefined && octets[0] >> 5 === 0b001; updates++) {
      const bytesMax = integer(octets, 5)
      if (bytesMax > this.#tableBytesMax || updates > SIZE_UPDATES_MAX) throw new HpackError('size update')
      this.#bytesMax = bytesMax
      this.#evict(0)
    }
    const fields: HeaderField[] = []
    while (octets.length > 0) fields.push(this.#field(octets))
    return fields
  }

  #field(octets: number[]): HeaderField {
    const first = octets[0] as number
    if (first >> 7 === 1) return this.#at(integer(octets, 7))
    if (first >> 6 === 0b01) {
      const field = { name: this.#name(integer(octets, 6), octets), value: string(octets) }
      const size = sizeOf(field)
      this.#evict(size)
      if (size <= this.#bytesMax) this.table.unshift(field)
      return field
    }
    if (first >> 5 === 0b001) throw new HpackError('late size update')
    const isNeverIndexed = first >> 4 === 0b0001
    const field = { name: this.#name(integer(octets, 4), octets), value: string(octets) }
    return isNeverIndexed ? { ...field, isNeverIndexed } : field
  }

  #name(index: number, octets: number[]): string {
    return index === 0 ? string(octets) : this.#at(index).name
  }

  #at(index: number): HeaderField {
    const field = [...STATIC_FIELDS, ...this.table][index]
    if (index === 0 || field === undefined) throw new HpackError('index')
    return field
  }

  #evict(size: number): void {
    const bytes = (): number => this.table.reduce((sum, field) => sum + sizeOf(field), 0)
    while (this.table.length > 0 && bytes() + size > this.#bytesMax) this.table.pop()
  }
}

export function sizeOf({ name, value }: HeaderField): number {
  return name.length + value.length + 32
}

/** Takes an integer from the front. */
function integer(octets: number[], prefixBits: number): number {
  const mask = 2 ** prefixBits - 1
  let value = take(octets) & mask
  if (value < mask) return value
  for (let nth = 0; nth < INTEGER_OCTETS_MAX; nth++) {
    const octet = take(octets)
    value += (octet & 127) * 128 ** nth
    if (octet < 128) return value
  }
  throw new HpackError('integer')
}

/** Takes a string from the front. */
function string(octets: number[]): string {
  const isHuffman = (octets[0] ?? 0) >= 128
  const length = integer(octets, 7)
  if (length > octets.length) throw new HpackError('string')
  const taken = octets.splice(0, length)
  return isHuffman ? decodedHuffman(taken) : String.fromCharCode(...taken)
}

function decodedHuffman(octets: readonly number[]): string {
  let text = ''
  let code = ''
  for (const bit of octets.map((octet) => octet.toString(2).padStart(8, '0')).join('')) {
    code += bit
    const symbol = SYMBOLS.get(code)
    if (symbol === EOS) throw new HpackError('EOS')
    if (symbol === undefined) continue
    text += String.fromCharCode(symbol)
    code = ''
  }
  if (code.length > 7 || code.includes('0')) throw new HpackError('padding')
  return text
}

function take(octets: number[]): number {
  const octet = octets.shift()
  if (octet === undefined) throw new HpackError('end')
  return octet
}
