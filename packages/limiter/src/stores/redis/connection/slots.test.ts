import { describe, expect, it } from 'vitest'
import { ReplyError } from './reply-parser.ts'
import { redirectionOf, SLOTS, slotOf, slotRanges } from './slots.ts'

const asked = { host: 'node-1', port: 7000 }

describe('slotOf', () => {
  // As CLUSTER KEYSLOT answers; 31C3 is the check value of CRC-16/XMODEM.
  it.each([
    ['headgate:{123456789}:default:a', 0x31c3],
    ['{foo}', 12_182],
    ['a{foo}b{bar}', 12_182],
    ['{18}', 511],
    ['{i}', 15_759],
  ])('puts %s in %i', (key, slot) => {
    expect(slotOf(key)).toBe(slot)
  })
})

describe('slotRanges', () => {
  it('reads who has which slots, also where a node does not know its own name', () => {
    const reply = [
      [0, 99, ['10.0.0.1', 7001, 'id', []], ['10.0.0.9', 7009, 'id', []]],
      [100, SLOTS - 1, [null, 7000, 'id']],
    ]
    expect(slotRanges(reply as never, asked)).toEqual([
      { first: 0, last: 99, primary: { host: '10.0.0.1', port: 7001 } },
      { first: 100, last: SLOTS - 1, primary: { host: 'node-1', port: 7000 } },
    ])
  })

  it('leaves out what belongs to a node whose address is not known', () => {
    // Such as one that came back without its nodes.conf, and is another node now.
    const reply = [
      [0, 99, ['', 0, 'id', []], ['10.0.0.9', 7009, 'id', []]],
      [100, SLOTS - 1, ['10.0.0.1', 7001, 'id', []]],
    ]
    expect(slotRanges(reply as never, asked)).toEqual([
      { first: 100, last: SLOTS - 1, primary: { host: '10.0.0.1', port: 7001 } },
    ])
  })

  it.each([
    null,
    'OK',
    [],
    [[0, 99]],
    [[0, SLOTS, ['a', 1]]],
    [[5, 4, ['a', 1]]],
    [[-1, 4, ['a', 1]]],
    [[0, 4, ['a', null]]],
    [[0, 4, ['a', 70_000]]],
    [[0, 4, [new ReplyError('ERR'), 1]]],
  ])('refuses %j', (reply) => {
    expect(() => slotRanges(reply as never, asked)).toThrow(/does not say where|knows no slots/)
  })
})

describe('redirectionOf', () => {
  it.each([
    ['MOVED 3999 127.0.0.1:6381', { asking: false, slot: 3999, to: { host: '127.0.0.1', port: 6381 } }],
    ['ASK 1 ::1:6381', { asking: true, slot: 1, to: { host: '::1', port: 6381 } }],
    ['MOVED 1 :6381', { asking: false, slot: 1, to: { host: 'node-1', port: 6381 } }],
    ['MOVED 99999 a:6381', null],
    ['MOVED 1 :0', null],
    ['MOVED 1 a:99999', null],
    ['MOVED', null],
    ['TRYAGAIN Multiple keys request', null],
    ['ERR MOVED 1 a:1', null],
  ])('reads %j', (message, redirection) => {
    expect(redirectionOf(message, asked)).toEqual(redirection)
  })
})
