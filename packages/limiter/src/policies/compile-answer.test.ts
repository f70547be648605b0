import { describe, expect, it } from 'vitest'
import type { PolicyOptions } from '../core/policy-options.ts'
import { policyAnswers } from './compile-answer.ts'
import { compilePolicies } from './compile-policies.ts'

function policy(parts: object): PolicyOptions {
  return { name: 'api', rules: ['1/s'], ...parts }
}

describe('policyAnswers', () => {
  it('has names of fields in lower case, and defaults', () => {
    const response = { body: 'later', headers: { 'X-Why': 'limit' } }
    const answers = policyAnswers([
      policy({ headers: { 'X-Plan': 'free' }, response }),
      { ...policy({}), name: 'plain' },
    ])
    expect([...answers]).toEqual([
      [
        'api',
        {
          headers: { 'x-plan': 'free' },
          response: {
            status: 429,
            body: 'later',
            headers: { 'content-type': 'text/plain; charset=utf-8', 'x-why': 'limit' },
          },
        },
      ],
    ])
  })

  it('takes another type of body, and no type without one', () => {
    const html = policy({ response: { status: 503, body: '<p>', headers: { 'Content-Type': 'text/html' } } })
    expect(policyAnswers([html]).get('api')?.response?.headers).toEqual({ 'content-type': 'text/html' })
    expect(policyAnswers([policy({ response: {} })]).get('api')?.response).toEqual({
      status: 429,
      body: '',
      headers: {},
    })
  })
})

describe('headers and response of a policy', () => {
  it.each<[string, object, string]>([
    ['a line break', { headers: { 'x-a': 'b\r\nset-cookie: c' } }, 'policies[0].headers.x-a'],
    ['a NUL', { headers: { 'x-a': 'a\0' } }, 'policies[0].headers.x-a'],
    ['a value beyond ASCII', { headers: { 'x-a': 'é' } }, 'is not the value of a header field'],
    ['an empty value', { headers: { 'x-a': '' } }, 'is not the value of a header field'],
    ['a number', { headers: { 'x-a': 1 } }, '1 is not the value of a header field'],
    ['a long value', { headers: { 'x-a': 'a'.repeat(1025) } }, 'use up to 1024 characters'],
    ['a space in a name', { headers: { 'x a': 'b' } }, '"x a" is not the name of a header field'],
    ['a colon in a name', { headers: { 'x:a': 'b' } }, 'is not the name of a header field'],
    ['a name twice', { headers: { 'X-A': '1', 'x-a': '2' } }, '"x-a" is there twice'],
    ['a hop-by-hop field', { headers: { Connection: 'close' } }, 'is set by the server'],
    ['a length', { response: { headers: { 'Content-Length': '3' } } }, 'policies[0].response.headers'],
    ['a wait of its own', { response: { headers: { 'Retry-After': '3' } } }, 'is set by the server'],
    ['limits of its own', { headers: { 'X-RateLimit-Limit': '3' } }, 'is set by the server'],
    ['a type for every response', { headers: { 'content-type': 'text/html' } }, 'say it in the headers of'],
    [
      '17 fields',
      { headers: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`x-${i}`, 'a'])) },
      '17',
    ],
    ['a list of fields', { headers: ['x-a: b'] }, 'is not a map of header fields'],
    ['a status that lets pass', { response: { status: 200 } }, '200 is not the status of a denial'],
    ['a redirect', { response: { status: 302 } }, 'use 400 to 599'],
    ['a status beyond HTTP', { response: { status: 600 } }, 'policies[0].response.status'],
    ['a status as text', { response: { status: '429' } }, '"429" is not the status'],
    ['a body that is no text', { response: { body: {} } }, 'an object is not a text'],
    ['a large body', { response: { body: 'é'.repeat(8193) } }, 'is not a text of up to 16384 bytes'],
    ['a typo', { response: { stats: 429 } }, 'did you mean "status"?'],
  ])('refuses %s', (_, parts, message) => {
    expect(() => compilePolicies([policy(parts)])).toThrow(message)
  })
})
