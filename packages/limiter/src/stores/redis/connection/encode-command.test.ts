import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ANY_CHARACTER } from '../../../../test/any-character.ts'
import { encodeCommand } from './encode-command.ts'
import { type Reply, ReplyParser } from './reply-parser.ts'

describe('encodeCommand', () => {
  it.each([
    [['PING'], '*1\r\n$4\r\nPING\r\n'],
    [['SET', '', 'a\r\n'], '*3\r\n$3\r\nSET\r\n$0\r\n\r\n$3\r\na\r\n\r\n'],
    [['é', 'a'], '*2\r\n$2\r\né\r\n$1\r\na\r\n'],
    [['€', '😀'], '*2\r\n$3\r\n€\r\n$4\r\n😀\r\n'],
    [['\ud800'], '*1\r\n$3\r\n\ufffd\r\n'],
  ])('writes %j', (parts, bytes) => {
    expect(Buffer.from(encodeCommand(parts), 'latin1').toString()).toBe(bytes)
  })

  it('counts bytes, of any texts', () => {
    const half = fc.constantFrom('\ud800', '\udc00\udc00', 'a\ud800')
    const part = fc.oneof(fc.string(), fc.string({ unit: ANY_CHARACTER }), half)
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 8 }), (parts) => {
        const seen: Reply[] = []
        new ReplyParser((reply) => seen.push(reply)).push(Buffer.from(encodeCommand(parts), 'latin1'))
        expect(seen).toEqual([parts.map((text) => text.toWellFormed())])
      }),
    )
  })
})
