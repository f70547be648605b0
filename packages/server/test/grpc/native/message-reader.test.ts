import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ARRIVING_BYTES_MAX, MESSAGE_BYTES_MAX } from '../../../src/transports/grpc/grpc-limits.ts'
import { MessageReader } from '../../../src/transports/grpc/native/message-reader.ts'
import { frameOf } from './fake-stream.ts'

/** What is read of octets that come in pieces that end at these places. */
function read(octets: Buffer, ends: readonly number[] = []): { messages: string[]; isBetween: boolean } {
  const messages: string[] = []
  const reader = new MessageReader((message) => messages.push(message.toString('hex')))
  let at = 0
  for (const end of [...ends, octets.length]) {
    // Each piece lies in the middle of other octets, which change once it was read.
    const piece = Buffer.concat([
      Buffer.from('ffff', 'hex'),
      octets.subarray(at, end),
      Buffer.from('ff', 'hex'),
    ])
    reader.read(piece, 2, piece.length - 1)
    piece.fill(0xee)
    at = end
  }
  return { messages, isBetween: reader.isBetween }
}

describe('messages of a call', () => {
  it('are the same however their octets are split', () => {
    const contents = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 })
    fc.assert(
      fc.property(contents, fc.array(fc.nat(), { maxLength: 20 }), fc.nat(4), (given, cuts, extra) => {
        const whole = given.map((message) => Buffer.from(message).toString('hex'))
        // A part of a prefix may follow.
        const octets = Buffer.concat([...given.map((one) => frameOf(one)), Buffer.alloc(extra)])
        const ends = cuts.map((cut) => cut % (octets.length + 1)).sort((a, b) => a - b)
        expect(read(octets, ends)).toEqual({ messages: whole, isBetween: extra === 0 })
      }),
    )
  })

  it('are read octet by octet up to the longest', () => {
    const octets = frameOf(Buffer.alloc(MESSAGE_BYTES_MAX, 1))
    const ends = Array.from(octets.keys())
    expect(read(octets, ends).messages).toEqual([octets.subarray(5).toString('hex')])
  })

  it.each([
    ['compressed', frameOf(Buffer.alloc(3), 1), { code: 'UNIMPLEMENTED' }],
    ['of an unknown kind', frameOf(Buffer.alloc(3), 2), { code: 'INTERNAL' }],
    ['too long', Buffer.from([0, ...lengthOf(MESSAGE_BYTES_MAX + 1)]), { code: 'invalid-request' }],
    ['far too long', Buffer.from([0, ...lengthOf(ARRIVING_BYTES_MAX + 1)]), { code: 'RESOURCE_EXHAUSTED' }],
    ['as long as can be written', Buffer.from([0, 255, 255, 255, 255]), { code: 'RESOURCE_EXHAUSTED' }],
  ])('end where one is %s, before any more of it has come', (_, octets, expected) => {
    expect(() => read(octets, [1, 3])).toThrow(expect.objectContaining(expected))
  })
})

function lengthOf(bytes: number): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes)
  return length
}
