import { describe, expect, it } from 'vitest'
import { HeadgateError } from '../core/errors.ts'
import { describeError } from './describe-error.ts'
import { httpProblem, problemOf } from './problem.ts'

describe('describeError', () => {
  it('says a mistake of the client in full, its field apart', () => {
    const error = new HeadgateError('invalid-cost', '-1 is not a cost', { path: 'cost' })
    expect(describeError(error)).toEqual({
      code: 'invalid-cost',
      detail: '-1 is not a cost',
      path: 'cost',
      retryAfterSeconds: null,
    })
  })

  it.each([
    [new HeadgateError('store-unavailable', 'connect ECONNREFUSED 10.1.2.3:6379'), 'store-unavailable', 1],
    [new HeadgateError('closed', 'this limiter was closed'), 'closed', 1],
    [new TypeError('cannot read 10.1.2.3'), 'internal', null],
    [new HeadgateError('of-a-later-version' as never, '10.1.2.3'), 'internal', null],
    ['10.1.2.3', 'internal', null],
  ])('says of %s nothing but what its code means', (reason, code, retryAfterSeconds) => {
    const description = describeError(reason)
    expect(description).toMatchObject({ code, retryAfterSeconds, path: '' })
    expect(description.detail).not.toContain('10.1')
  })

  it.each([
    [90_001, 91],
    [90_000, 90],
    [0, 1],
  ])('rounds a wait of %i ms up to %i s', (retryAfterMs, retryAfterSeconds) => {
    const error = new HeadgateError('too-many-windows', 'a key holds five windows', { retryAfterMs })
    expect(describeError(error)).toMatchObject({ retryAfterSeconds })
  })
})

describe('problemOf', () => {
  it('has the status of the code, and the field where there is one', () => {
    const detail = 'no policy is named "x"'
    expect(problemOf({ code: 'unknown-policy', detail, path: 'policy' })).toEqual({
      type: 'about:blank',
      title: 'Not Found',
      status: 404,
      detail,
      code: 'unknown-policy',
      path: 'policy',
    })
  })

  it('is of a registered type where capacity is lacking, and has no field', () => {
    const problem = problemOf(describeError(new HeadgateError('store-unavailable', 'down')))
    expect(problem).toMatchObject({
      status: 503,
      type: expect.stringContaining('temporary-reduced-capacity'),
    })
    expect(problem).not.toHaveProperty('path')
  })

  it.each(['nope', 'toString', '', undefined])('refuses %j, which is no code', (code) => {
    const mistake = { code: 'invalid-options', path: 'code', detail: expect.stringContaining('is no code') }
    expect(() => problemOf({ code: code as never, detail: '' })).toThrow(expect.objectContaining(mistake))
  })
})

describe('httpProblem', () => {
  it('has the title of its status, or that of its class', () => {
    const titles = [404, 499, 503, 599].map((status) => httpProblem(status, 'no').title)
    expect(titles).toEqual(['Not Found', 'Bad Request', 'Service Unavailable', 'Internal Server Error'])
  })

  it.each([999, 600, 399, 200, 404.5, Number.NaN, '404'])('refuses %j, which is no failure', (status) => {
    const mistake = { code: 'invalid-options', path: 'status', detail: expect.stringContaining('400 to 599') }
    expect(() => httpProblem(status as number, 'no')).toThrow(expect.objectContaining(mistake))
  })
})
