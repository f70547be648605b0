import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ANY_CHARACTER } from '../../../../test/any-character.ts'
import { DEPTH_MAX, REPLY_BYTES_MAX, type Reply, ReplyError, ReplyParser } from './reply-parser.ts'

const integers = fc.maxSafeInteger().map((number) => number + 0)
const line = fc.string({ unit: ANY_CHARACTER }).map((text) => text.replace(/[\r\n]/g, '').toWellFormed())
const text = fc.string({ unit: ANY_CHARACTER }).map((any) => any.toWellFormed())
const { reply: replies } = fc.letrec<{ reply: Reply }>((tie) => ({
  reply: fc.oneof(
    { maxDepth: DEPTH_MAX, withCrossShrink: true },
    integers,
    text,
    fc.constant(null),
    line.map((message) => new ReplyError(message)),
    fc.array(integers, { maxLength: 300 }),
    fc.array(tie('reply'), { maxLength: 5 }),
  ),
}))

describe('ReplyParser', () => {
  it('reads every reply, into whatever pieces its bytes are cut', () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(fc.array(replies, { maxLength: 5 }), cuts, (given, sizes) => {
        const bytes = Buffer.concat(given.map(encoded))
        expect(parsed(bytes, sizes)).toEqual(given)
        expect(parsed(bytes, [bytes.length || 1])).toEqual(given)
      }),
    )
  })

  it.each([
    ['+OK\r\n', 'OK'],
    ['+\r\n', ''],
    ['+grüße\r\n', 'grüße'],
    [':0\r\n', 0],
    [':-0\r\n', 0],
    [':9007199254740991\r\n', Number.MAX_SAFE_INTEGER],
    [':-9007199254740991\r\n', Number.MIN_SAFE_INTEGER],
    ['$-1\r\n', null],
    ['$0\r\n\r\n', ''],
    ['$4\r\n\r\n\r\n\r\n', '\r\n\r\n'],
    ['*-1\r\n', null],
    ['*0\r\n', []],
    ['*2\r\n*0\r\n*-1\r\n', [[], null]],
    ['*3\r\n:1\r\n*1\r\n$1\r\na\r\n:2\r\n', [1, ['a'], 2]],
  ])('reads %j', (bytes, reply) => {
    expect(parsed(Buffer.from(bytes), [1])).toEqual([reply])
    expect(parsed(Buffer.from(bytes), [100])).toEqual([reply])
  })

  it('reads what lies before the end that it is told, and nothing behind it', () => {
    const seen: Reply[] = []
    const parser = new ReplyParser((reply) => seen.push(reply))
    parser.push(Buffer.from('*2\r\n:12::99\r\n'), 7)
    parser.push(Buffer.from('3\r\n+a\r:\r\n'), 6)
    parser.push(Buffer.from('\n:7\r\n'), 1)
    expect(seen).toEqual([[123, 'a']])
  })

  it('reads numbers of 64 bits as no whole numbers of ours', () => {
    const [large] = parsed(Buffer.from(':9223372036854775807\r\n'), [1])
    expect(Number.isSafeInteger(large)).toBe(false)
  })

  it.each([
    'HTTP/1.1 400 Bad Request\r\n',
    '\u0000',
    '\r\n',
    '_\r\n',
    ':\r\n',
    ':-\r\n',
    ':--1\r\n',
    ':1-1\r\n',
    ':+1\r\n',
    ':1.5\r\n',
    ': 1\r\n',
    ':1\n',
    ':1\r:',
    ':1\r\n\r\n',
    ':12345678901234567890\r\n',
    '$-2\r\n',
    '$a\r\n',
    '$1\r\nab\r\n',
    '$1\r\na\n\r',
    '*-5\r\n',
    '*1\r\nx',
    '+OK\rx',
  ])('refuses %j', (bytes) => {
    expect(() => parsed(Buffer.from(bytes), [1])).toThrow(/no reply of Redis|larger than/)
    expect(() => parsed(Buffer.from(bytes), [100])).toThrow(/no reply of Redis|larger than/)
  })

  it('reads or refuses any bytes, the same however they are cut', () => {
    const likely = fc.constantFrom(...Buffer.from(':*$+-0123456789\r\n\r\n'))
    const bytes = fc.array(fc.oneof(likely, fc.integer({ min: 0, max: 255 })), { maxLength: 60 })
    fc.assert(
      fc.property(bytes, fc.integer({ min: 1, max: 5 }), (given, size) => {
        expect(outcome(Buffer.from(given), size)).toEqual(outcome(Buffer.from(given), 100))
      }),
      { numRuns: 1000 },
    )
  })
})

describe('a hostile server', () => {
  it.each([
    ['a text', `$${REPLY_BYTES_MAX + 1}\r\n`],
    ['a list', `*${REPLY_BYTES_MAX + 1}\r\n`],
    ['lists in lists', '*1\r\n'.repeat(DEPTH_MAX + 1)],
    ['digits', `:${'0'.repeat(30)}`],
  ])('is left at the head of %s that is too large', (_, bytes) => {
    expect(() => parsed(Buffer.from(bytes), [7])).toThrow('larger than')
  })

  it.each([
    ['a line', '+', 'x'],
    ['a list of numbers', `*${REPLY_BYTES_MAX}\r\n`, ':1\r\n'],
    ['a list of empty lists', `*${REPLY_BYTES_MAX}\r\n`, '*0\r\n'],
    ['a list of texts', `*${REPLY_BYTES_MAX}\r\n`, '$90\r\n'.padEnd(95, 'x').concat('\r\n')],
  ])('is left when %s goes on without end', (_, head, more) => {
    const parser = new ReplyParser(() => {})
    const piece = Buffer.from(more.repeat(1000))
    let sent = 0
    parser.push(Buffer.from(head))
    expect(() => {
      for (; sent < 2 * REPLY_BYTES_MAX; sent += piece.length) parser.push(piece)
    }).toThrow('larger than')
    expect(sent).toBeLessThanOrEqual(REPLY_BYTES_MAX)
  })

  it('counts the bytes of each reply by itself', () => {
    let count = 0
    const parser = new ReplyParser(() => count++)
    const list = encoded(Array.from({ length: 10_000 }, (_, i) => i))
    for (let i = 0; i < 50; i++) parser.push(list)
    expect(count).toBe(50)
  })
})

/** What comes of bytes: the replies, and whether the parser threw in the end. */
function outcome(bytes: Buffer, size: number): unknown[] {
  const seen: unknown[] = []
  const parser = new ReplyParser((reply) => seen.push(reply))
  try {
    for (let at = 0; at < bytes.length; at += size) parser.push(bytes.subarray(at, at + size))
    return seen
  } catch {
    return [...seen, 'thrown']
  }
}

/** Hands pieces of these sizes, in turn, in one buffer that is overwritten each time. */
function parsed(bytes: Buffer, sizes: readonly number[]): Reply[] {
  const seen: Reply[] = []
  const parser = new ReplyParser((reply) => seen.push(reply))
  const buffer = Buffer.alloc(Math.max(...sizes))
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const count = bytes.copy(buffer, 0, at, at + (sizes[i % sizes.length] as number))
    parser.push(buffer, count)
    buffer.fill('?')
    at += count
  }
  return seen
}

function encoded(reply: Reply): Buffer {
  if (typeof reply === 'number') return Buffer.from(`:${reply}\r\n`)
  if (reply === null) return Buffer.from('$-1\r\n')
  if (typeof reply === 'string') return Buffer.from(`$${Buffer.byteLength(reply)}\r\n${reply}\r\n`)
  if (reply instanceof ReplyError) return Buffer.from(`-${reply.message}\r\n`)
  return Buffer.concat([Buffer.from(`*${reply.length}\r\n`), ...reply.map(encoded)])
}
