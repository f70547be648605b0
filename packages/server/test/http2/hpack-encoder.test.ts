import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodedBytesMax, HpackEncoder } from '../../src/http2/hpack/hpack-encoder.ts'
import type { HeaderField } from '../../src/http2/hpack/hpack-field.ts'
import { ModelDecoder, sizeOf } from './hpack-model.ts'

const HEAD = fieldsOf(':status: 200', 'content-type: application/grpc')
const TRAILERS = fieldsOf('grpc-status: 0')

describe('an answer that repeats', () => {
  it('has one octet for each field, after the first time', () => {
    const { encode } = newEncoder()
    const [first, ...others] = Array.from({ length: 5 }, () => [encode(HEAD).length, encode(TRAILERS).length])
    expect(first).toEqual([19, 15])
    expect(others).toEqual(Array.from({ length: 4 }, () => [2, 1]))
  })

  it('has it also where its lists are made anew each time', () => {
    const { encode } = newEncoder()
    for (const length of [19, 2, 2, 2, 2]) expect(encode(structuredClone(HEAD))).toHaveLength(length)
  })

  it('has it after other fields have moved those of the table', () => {
    const { encode } = newEncoder()
    for (let status = 0; status <= 16; status++) {
      for (let i = 0; i < 3; i++) {
        encode(HEAD)
        encode(fieldsOf(`grpc-status: ${status}`))
      }
    }
    expect([encode(HEAD).length, encode(TRAILERS).length]).toEqual([2, 1])
  })

  it('takes nothing of the table where the static table has it', () => {
    const { encode, model } = newEncoder()
    expect(encode(fieldsOf(':status: 404'))).toEqual(Buffer.from([0x80 | 13]))
    expect(model.table).toEqual([])
  })
})

describe('a field that varies', () => {
  it('is a literal without indexing, with the index of a name that the static table has', () => {
    const { encode, model } = newEncoder()
    const block = encode(fieldsOf('retry-after: 7', 'grpc-message: too many'))
    expect(block.toString('hex')).toBe(`0f260137000c${hex('grpc-message')}08${hex('too many')}`)
    expect(model.table).toEqual([])
  })

  it('is no reason to send what repeats again', () => {
    const { encode } = newEncoder()
    encode(HEAD)
    const field = { name: 'retry-after', value: '7' }
    expect(encode([...HEAD, field])).toHaveLength(2 + 4)
    expect(encode([field, ...HEAD])).toHaveLength(2 + 4)
  })

  it('is written whole, whatever its length and octets', () => {
    const { encode } = newEncoder()
    for (const length of [0, 1, 24, 25, 126, 127, 128, 255, 16_510, 100_000]) {
      const value = '\xe9'.repeat(length)
      encode([{ name: 'n', value }])
      encode([{ name: 'x'.repeat(length), value: '' }])
    }
  })

  it('is never indexed where it is a secret, also where its name repeats', () => {
    const { encode, model } = newEncoder()
    const fields = fieldsOf('content-type: secret', 'n: v').map((field) => ({
      ...field,
      isNeverIndexed: true as const,
    }))
    for (let i = 0; i < 3; i++) expect(encode(fields)[0]).toBe(0x1f)
    expect(model.table).toEqual([])
  })
})

describe('the table of the client', () => {
  it('is filled and never overflows: what finds no room is a literal', () => {
    const { encode, model } = newEncoder()
    const lists = Array.from({ length: 200 }, (_, i) =>
      fieldsOf(`content-type: ${String(i).padStart(4, '0')}`),
    )
    for (let turn = 0; turn < 3; turn++) for (const list of lists) encode(list)
    expect(model.table).toHaveLength(Math.floor(4096 / 48))
    expect(encode(lists[0] ?? [])).toHaveLength(2)
    expect(encode(lists[199] ?? [])).toHaveLength(2 + 5)
  })

  it('begins anew when its size changes, and the client is told at the start of the next block', () => {
    const { encode, encoder, model } = newEncoder()
    for (let i = 0; i < 4; i++) encode(HEAD)
    encoder.setTableBytesMax(100)
    expect(encode(HEAD).toString('hex')).toBe(`203f45885f10${hex('application/grpc')}`)
    expect(encode(HEAD)).toHaveLength(2)
    encoder.setTableBytesMax(4096)
    expect(encode(TRAILERS).subarray(0, 4).toString('hex')).toBe('203fe11f')
    expect(model.table).toEqual(TRAILERS)
  })

  it('is told of a size that was smaller for a while (section 4.2)', () => {
    const { encode, encoder } = newEncoder()
    encode(HEAD)
    encoder.setTableBytesMax(0)
    encoder.setTableBytesMax(4096)
    expect(encode(HEAD).subarray(0, 4).toString('hex')).toBe('203fe11f')
  })

  it('is not used where it may hold nothing', () => {
    const { encode, encoder, model } = newEncoder()
    encoder.setTableBytesMax(0)
    expect(encode(HEAD).subarray(0, 3).toString('hex')).toBe('20880f')
    for (let i = 0; i < 3; i++) expect(encode(HEAD)).toHaveLength(20)
    expect(model.table).toEqual([])
  })

  it('takes what fits to the octet', () => {
    for (const [bytes, length] of [
      [44, 1],
      [43, 15],
    ] as const) {
      const { encode, encoder } = newEncoder()
      encoder.setTableBytesMax(bytes)
      encode(TRAILERS)
      expect(encode(TRAILERS)).toHaveLength(length)
    }
  })

  it('is used up to 4096 octets, however many the client offers', () => {
    const { encode, encoder } = newEncoder()
    encode(HEAD)
    encoder.setTableBytesMax(4096)
    encoder.setTableBytesMax(65_536)
    encoder.setTableBytesMax(2 ** 32 - 1)
    expect(encode(HEAD)).toHaveLength(2)
  })
})

const repeated = fc.constantFrom(':status', 'content-type', 'grpc-status', 'grpc-encoding')
const octets = fc.string({ unit: fc.nat(255).map((octet) => String.fromCharCode(octet)), maxLength: 140 })
const repeatedField = fc.record({ name: repeated, value: fc.constantFrom('200', '429', 'a', 'b') })
const anyField: fc.Arbitrary<HeaderField> = fc.oneof(
  repeatedField,
  fc.record({ name: fc.oneof(repeated, fc.constantFrom('via', 'date', 'n')), value: octets }),
  fc.record({ name: octets, value: octets, isNeverIndexed: fc.constant(true as const) }),
)
/** Which of the lists to send, or a table size of the client. */
const step = fc.oneof(
  { weight: 20, arbitrary: fc.record({ list: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ size: fc.constantFrom(0, 40, 60, 100, 200, 4095, 4096, 65_536) }) },
)

describe('what is encoded', () => {
  it('is decoded to the same fields, whatever sizes of tables the client announces on the way', () => {
    const list = fc.oneof(fc.array(anyField, { maxLength: 5 }), fc.array(repeatedField, { maxLength: 3 }))
    const lists = fc.array(list, { minLength: 6, maxLength: 6 })
    fc.assert(
      fc.property(lists, fc.array(step, { maxLength: 60 }), (all, steps) => {
        const { encode, encoder, model } = newEncoder()
        let bytesMax = 4096
        for (const step of steps) {
          if ('size' in step) {
            bytesMax = Math.min(step.size, 4096)
            encoder.setTableBytesMax(step.size)
            continue
          }
          encode(all[step.list] as HeaderField[])
          expect(model.table.reduce((bytes, field) => bytes + sizeOf(field), 0)).toBeLessThanOrEqual(bytesMax)
        }
      }),
      { numRuns: 300 },
    )
  })
})

interface EncoderUnderTest {
  readonly encoder: HpackEncoder
  readonly model: ModelDecoder
  /** The block of a list, after a look at whether it means that list and fits where it has to. */
  encode(fields: readonly HeaderField[]): Buffer
}

function newEncoder(): EncoderUnderTest {
  const encoder = new HpackEncoder()
  const model = new ModelDecoder(4096)
  return {
    encoder,
    model,
    encode(fields) {
      const at = 7
      const into = Buffer.alloc(at + encodedBytesMax(fields) + 1, 0xaa)
      const end = encoder.encode(fields, into, at)
      expect(end).toBeLessThan(into.length)
      expect(into.subarray(0, at)).toEqual(Buffer.alloc(at, 0xaa))
      expect(into.subarray(end).every((octet) => octet === 0xaa)).toBe(true)
      const block = into.subarray(at, end)
      expect(model.decode(block)).toEqual(fields)
      return block
    },
  }
}

function fieldsOf(...texts: readonly string[]): readonly HeaderField[] {
  return texts.map((text) => {
    const [name = '', value = ''] = text.split(': ')
    return { name, value }
  })
}

function hex(text: string): string {
  return Buffer.from(text).toString('hex')
}
