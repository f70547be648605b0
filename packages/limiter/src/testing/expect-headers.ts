import assert from 'node:assert/strict'
import { wrong } from '../core/errors.ts'
import { isRecord } from '../core/validate.ts'
import { parseRateLimit, type RateLimitReport, type ResponseFields } from '../http/parse-rate-limit.ts'
import { checkAwaited } from './check-awaited.ts'

/**
 * Where header fields are: a `Response` or `Headers` of fetch, an object of fields by name (Node's `message.headers`), or an
 * object that has one of these as `headers` (responses of supertest, undici, axios, light-my-request). A promise of a response, or a list, is an `invalid-options` error.
 */
export type HeaderSource = (object | Readonly<Record<string, unknown>>) & { readonly then?: never }

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

/**
 * Asserts what a response tells a client of its limits, in whatever header fields: `expectRateLimit(response, { remaining: 4 })` holds for
 * `RateLimit: "default/1m";r=4;t=60` and for `X-RateLimit-Remaining: 4`. It reads the fields as `parseRateLimit` does.
 */
export function expectRateLimit(response: HeaderSource, expected: Partial<RateLimitReport>): void {
  const report = parseRateLimit(headersOf(response) as ResponseFields)
  const told = Object.keys(expected).map((name) => [name, report[name as keyof RateLimitReport]])
  assert.deepEqual(Object.fromEntries(told), expected)
}

function isAsExpected(actual: string | null, expected: ExpectedField): boolean {
  if (expected instanceof RegExp) return actual !== null && expected.test(actual)
  return actual === (expected === null ? null : String(expected))
}

function textOf(value: ExpectedField): string {
  return value === null ? 'absent' : value instanceof RegExp ? String(value) : JSON.stringify(String(value))
}

/** The object that has the fields. */
function headersOf(source: HeaderSource): object {
  checkAwaited(source, 'response')
  if (!isRecord(source)) throw wrong(source, 'has no header fields; pass a response', 'response')
  const { headers } = source as { readonly headers?: unknown }
  return typeof headers === 'object' && headers !== null ? headers : source
}

/** Reads one field by its name; null where it is absent. */
function fieldsOf(source: HeaderSource): (name: string) => string | null {
  const headers = headersOf(source)
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
