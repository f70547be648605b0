import assert from 'node:assert/strict'

/**
 * Where header fields are: a `Response` or `Headers` of fetch, an object of fields by name (Node's `message.headers`), or an
 * object that has one of these as `headers` (responses of supertest, undici, axios, light-my-request).
 */
export type HeaderSource = FieldReader | object

interface FieldReader {
  get(name: string): string | null | undefined
}

/** What a field has to be: this text or number, a text that matches, or absent (`null`). */
export type ExpectedField = string | number | RegExp | null

/**
 * Asserts that a response has these header fields, whose names may be written in any case:
 * `expectHeaders(response, { 'RateLimit': '"default/1m";r=99;t=1', 'Retry-After': null })`. Fields that are not named may be anything.
 */
export function expectHeaders(
  response: HeaderSource,
  expected: Readonly<Record<string, ExpectedField>>,
): void {
  const read = fieldsOf(response)
  const wrong = Object.entries(expected).flatMap(([name, value]) => {
    const actual = read(name)
    return isAsExpected(actual, value) ? [] : [`${name} is ${textOf(actual)}, not ${textOf(value)}`]
  })
  assert.ok(wrong.length === 0, wrong.join('; '))
}

function isAsExpected(actual: string | null, expected: ExpectedField): boolean {
  if (expected instanceof RegExp) return actual !== null && expected.test(actual)
  return actual === (expected === null ? null : String(expected))
}

function textOf(value: ExpectedField): string {
  return value === null ? 'absent' : value instanceof RegExp ? String(value) : JSON.stringify(String(value))
}

/** Reads one field by its name; null where it is absent. */
export function fieldsOf(source: HeaderSource): (name: string) => string | null {
  const headers = 'headers' in source && typeof source.headers === 'object' ? source.headers : source
  assert.ok(headers !== null, 'a response, its headers, or an object of header fields is expected, not null')
  if ('get' in headers && typeof headers.get === 'function') {
    return (name) => (headers as FieldReader).get(name) ?? null
  }
  const byName = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  return (name) => {
    const value: unknown = byName.get(name.toLowerCase())
    if (value === undefined || value === null) return null
    return Array.isArray(value) ? value.join(', ') : String(value)
  }
}
