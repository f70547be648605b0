import { describe, expect, it } from 'vitest'
import { expectHeaders, expectRateLimit } from './expect-headers.ts'

const fields = { 'x-ratelimit-remaining': '4', 'ratelimit-policy': '"p/1m";q=5;w=60' }

describe.each([
  ['a Response', new Response(null, { headers: fields })],
  ['Headers', new Headers(fields)],
  ['an object of fields', { 'X-RateLimit-Remaining': 4, 'RateLimit-Policy': ['"p/1m";q=5;w=60'] }],
  ['an object with an object of headers', { status: 200, headers: fields }],
  ['an object with Headers', { status: 200, headers: new Headers(fields) }],
])('expectHeaders of %s', (_, response) => {
  it('accepts texts, numbers, patterns and absence, whatever the case of the name', () => {
    expectHeaders(response, {
      'X-RateLimit-Remaining': 4,
      'ratelimit-policy': /q=5/,
      'RATELIMIT-POLICY': '"p/1m";q=5;w=60',
      'Retry-After': null,
    })
  })

  it('names every field that is not as expected', () => {
    const expected = { 'x-ratelimit-remaining': 3, 'ratelimit-policy': null, 'retry-after': /\d/ }
    expect(() => expectHeaders(response, expected)).toThrow(
      'x-ratelimit-remaining is "4", not "3"; ratelimit-policy is "\\"p/1m\\";q=5;w=60", not absent; ' +
        'retry-after is absent, not /\\d/',
    )
  })
})

describe('expectRateLimit', () => {
  it.each([
    ['draft-11', { 'ratelimit-policy': '"p/1m";q=5;w=60', ratelimit: '"p/1m";r=4;t=60' }],
    ['draft-7', { ratelimit: 'limit=5, remaining=4, reset=60' }],
    ['legacy', { 'X-RateLimit-Limit': 5, 'X-RateLimit-Remaining': 4, 'X-RateLimit-Reset': 60 }],
  ])('reads limits as clients do: %s', (_, headers) => {
    const told = { limit: 5, remaining: 4, resetAfterMs: 60_000, retryAfterMs: null }
    expectRateLimit({ status: 200, headers }, told)
    expect(() => expectRateLimit(headers, { ...told, remaining: 3 })).toThrow(/remaining: 3/)
  })

  it('takes a response that tells nothing', () => {
    expectRateLimit(new Response(), { limit: null, policies: [] })
  })
})

describe.each([
  ['expectHeaders', (source: unknown) => expectHeaders(source as object, { 'Retry-After': null })],
  ['expectRateLimit', (source: unknown) => expectRateLimit(source as object, { remaining: null })],
])('%s', (_, check) => {
  // biome-ignore lint/suspicious/noThenProperty: supertest has such
  const thenable = Object.assign(new Response(), { then: () => {} })
  it.each([Promise.resolve(new Response()), thenable])('refuses a promise of a response', (promise) => {
    expect(() => check(promise)).toThrow('response: is a promise; await it first')
  })

  it.each([
    [[], 'an array'],
    [null, 'null'],
    [undefined, 'undefined'],
    ['retry-after: 5', '"retry-after: 5"'],
  ])('refuses what has no header fields: %j', (source, shown) => {
    expect(() => check(source)).toThrow(`response: ${shown} has no header fields; pass a response`)
  })
})
