import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ANY_CHARACTER } from '../../test/any-character.ts'
import { HeadgateError } from '../core/errors.ts'
import { readScriptReply } from './read-script-reply.ts'

const NAMES = ['a', 'b', 'c']

describe('the reply of a script', () => {
  it('names values by position, numbers too, and keeps what follows', () => {
    const decision = readScriptReply(['allow', ['x', 2, 3n], 'more', [1]], NAMES)
    expect(decision).toEqual({
      allowed: true,
      reason: 'within-limit',
      source: 'store',
      headers: { a: 'x', b: '2', c: '3' },
      extra: ['more', [1]],
      error: null,
    })
  })

  it('may have fewer values, leave one out, and name one itself', () => {
    expect(readScriptReply(['deny', []], NAMES)).toMatchObject({ allowed: false, headers: {} })
    const values = [['Retry-After', 7], null, '3', ['x-more', 'yes']]
    expect(readScriptReply(['deny', values], NAMES).headers).toEqual({
      'retry-after': '7',
      c: '3',
      'x-more': 'yes',
    })
  })

  it('may be of bytes', () => {
    const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
    expect(readScriptReply([bytes('deny'), [bytes('7')]], NAMES)).toMatchObject({
      allowed: false,
      headers: { a: '7' },
    })
  })

  it.each([
    ['OK', 'is "OK"'],
    [null, 'is null'],
    [[], "has undefined where 'allow' or 'deny' belongs"],
    [['permit', []], "has \"permit\" where 'allow' or 'deny' belongs"],
    [[1, []], 'has "1" where'],
    [['allow'], 'has undefined where the header values belong'],
    [['allow', '3'], 'has "3" where the header values belong'],
    [['allow', ['1', '2', '3', '4']], 'has a header value 4 without a name; add one to headers'],
    [['allow', [{}]], 'has an object as header value 1, which is no text or number'],
    [['allow', ['1', ['x']]], 'has undefined as header value 2'],
    [['allow', [[null, '1']]], 'names a header field null, which it cannot set'],
    [['allow', [['a b', '1']]], 'names a header field "a b"'],
    [['allow', [['Transfer-Encoding', '1']]], 'names a header field "Transfer-Encoding"'],
    [['allow', Array.from({ length: 17 }, () => ['x', '1'])], 'has 17 header values; 16 are the most'],
  ])('%j is an error that says what came', (reply, problem) => {
    expect(() => readScriptReply(reply, NAMES)).toThrow(
      expect.objectContaining({
        code: 'store-unavailable',
        message: expect.stringContaining(`The reply of the script ${problem}`),
      }),
    )
  })

  it('has values of one printable line, whatever the script took them from', () => {
    const values = ['1\r\nset-cookie: a=b', '\u00e9\t2 ', 'x'.repeat(5000)]
    const { headers } = readScriptReply(['allow', values], NAMES)
    expect(headers).toEqual({ a: '1 set-cookie: a=b', b: '2', c: 'x'.repeat(1024) })
  })

  it('is a decision with fields that can be sent, or an error of the store, whatever it is', () => {
    const item = fc.oneof(fc.string({ unit: ANY_CHARACTER }), fc.integer(), fc.anything())
    const values = fc.oneof(fc.array(fc.oneof(item, fc.tuple(fc.string(), item))), fc.anything())
    const reply = fc.oneof(
      fc.tuple(fc.constantFrom('allow', 'deny', 'x'), values, fc.anything()),
      fc.anything(),
    )
    fc.assert(
      fc.property(reply, (given) => {
        try {
          const { headers } = readScriptReply(given, NAMES)
          new Headers({ ...headers })
          for (const value of Object.values(headers)) expect(value).toMatch(/^[\x20-\x7e]{0,1024}$/)
        } catch (error) {
          if (!HeadgateError.is(error)) throw error
          expect(error.code).toBe('store-unavailable')
        }
      }),
    )
  })
})
