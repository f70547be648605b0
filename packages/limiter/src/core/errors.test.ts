import { describe, expect, it } from 'vitest'
import { errorTable } from './error-table.ts'
import { type ErrorCode, HeadgateError, show } from './errors.ts'

describe('errorTable', () => {
  it('has these codes', () => {
    expect(Object.keys(errorTable).sort()).toEqual(
      [
        'closed',
        'conflict',
        'internal',
        'invalid-config',
        'invalid-cost',
        'invalid-key',
        'invalid-options',
        'invalid-receipt',
        'invalid-request',
        'invalid-rule',
        'invalid-snapshot',
        'limited',
        'not-synchronous',
        'source-unavailable',
        'store-unavailable',
        'too-many-waiters',
        'too-many-windows',
        'unauthenticated',
        'forbidden',
        'unknown-policy',
      ].sort(),
    )
  })

  it.each(Object.entries(errorTable))('says of %s what every transport needs', (_, row) => {
    expect(row.meaning).toMatch(/^[A-Z].*\.$/)
    expect(row.http).toBeGreaterThanOrEqual(400)
    expect(row.http).toBeLessThan(600)
    expect(row.grpc).toMatch(/^[A-Z_]+$/)
    expect(row.resp).toMatch(/^[A-Z]+$/)
    expect(typeof row.retryable).toBe('boolean')
  })

  it('calls what fails for a while worth another try, and nothing else', () => {
    const codes = Object.keys(errorTable) as ErrorCode[]
    expect(codes.filter((code) => errorTable[code].retryable)).toEqual([
      'limited',
      'too-many-windows',
      'too-many-waiters',
      'store-unavailable',
      'source-unavailable',
    ])
  })

  it('blames the caller for every kind of wrong input', () => {
    const wrong = Object.entries(errorTable).filter(([code]) => code.startsWith('invalid-'))
    for (const [, row] of wrong)
      expect(row).toMatchObject({ http: 400, grpc: 'INVALID_ARGUMENT', resp: 'ERR' })
  })
})

describe('HeadgateError', () => {
  it('says where the wrong value stands', () => {
    const error = new HeadgateError('invalid-rule', 'no', { path: 'rules[0]' })
    expect(error).toMatchObject({ name: 'HeadgateError', code: 'invalid-rule', path: 'rules[0]' })
    expect(error.message).toBe('rules[0]: no')
    expect(error).toBeInstanceOf(Error)
  })

  it('says only the message where there is no place', () => {
    const error = new HeadgateError('closed', 'over')
    expect(error).toMatchObject({ message: 'over', path: '' })
    expect('cause' in error).toBe(false)
  })

  it('says when to try again where that is known', () => {
    expect(new HeadgateError('too-many-windows', 'no', { retryAfterMs: 5 }).retryAfterMs).toBe(5)
    expect(new HeadgateError('closed', 'over').retryAfterMs).toBeNull()
  })

  it('keeps its cause, undefined too', () => {
    const cause = new TypeError('first')
    expect(new HeadgateError('internal', 'second', { cause }).cause).toBe(cause)
    expect('cause' in new HeadgateError('internal', 'second', { cause: undefined })).toBe(true)
  })
})

describe('HeadgateError.is', () => {
  it('knows errors of another copy of the package by their brand', () => {
    const foreign = Object.assign(new Error('elsewhere'), { [Symbol.for('headgate.error')]: true })
    expect(HeadgateError.is(foreign)).toBe(true)
    expect(HeadgateError.is(new HeadgateError('closed', 'over'))).toBe(true)
  })

  it.each([
    [new Error('plain')],
    [{ name: 'HeadgateError', code: 'closed' }],
    [null],
    [undefined],
    ['HeadgateError'],
  ])('does not take %s for one', (value) => {
    expect(HeadgateError.is(value)).toBe(false)
  })

  it('shows no trace of the brand', () => {
    expect(Object.keys(new HeadgateError('closed', 'over'))).not.toContain('Symbol(headgate.error)')
    expect(
      Object.getOwnPropertyDescriptor(new HeadgateError('closed', 'over'), Symbol.for('headgate.error')),
    ).toMatchObject({ enumerable: false })
  })
})

describe('HeadgateError.from', () => {
  it('returns one of ours as it is', () => {
    const error = new HeadgateError('closed', 'over')
    expect(HeadgateError.from(error, 'internal')).toBe(error)
  })

  it('wraps any other error with the code asked for', () => {
    const cause = new TypeError('socket closed')
    expect(HeadgateError.from(cause, 'store-unavailable')).toMatchObject({
      code: 'store-unavailable',
      message: 'socket closed',
      cause,
    })
    expect(HeadgateError.from(cause).code).toBe('internal')
  })

  it.each([
    ['boom', 'boom'],
    [42, '42'],
    [undefined, 'undefined'],
    [null, 'null'],
    [Symbol('s'), 'Symbol(s)'],
    [10n, '10n'],
    [Object.create(null), 'an object'],
    [
      {
        toString: () => {
          throw new Error('no')
        },
      },
      'an object',
    ],
  ])('wraps a thrown value that is no error', (reason, message) => {
    const error = HeadgateError.from(reason)
    expect(error.message).toBe(message)
    expect(error.cause).toBe(reason)
  })
})

describe('show', () => {
  it.each([
    ['a', '"a"'],
    ['a"b\n', '"a\\"b\\n"'],
    ['x'.repeat(60), `"${'x'.repeat(60)}"`],
    ['x'.repeat(61), `"${'x'.repeat(60)}…"`],
    [1.5, '1.5'],
    [-0, '0'],
    [5n, '5n'],
    [null, 'null'],
    [undefined, 'undefined'],
    [true, 'true'],
    [Symbol('s'), 'Symbol(s)'],
    [{ secret: 1 }, 'an object'],
    [Object.create(null), 'an object'],
    [[1, 2], 'an array'],
  ])('shows a value short and safe', (value, text) => {
    expect(show(value)).toBe(text)
  })

  it('cuts a function at 60 characters', () => {
    expect(
      show(() => 'a very long function indeed, of which nobody wants to read the whole text').length,
    ).toBe(60)
  })
})
