import { describe, expect, it } from 'vitest'
import { type Options, rateLimit } from '../../../src/entries/compat/express-rate-limit.ts'

describe('an option that is not taken', () => {
  it.each([
    ['onLimitReached', () => {}, 'use handler'],
    ['draft_polli_ratelimit_headers', true, "use standardHeaders: 'draft-6'"],
    ['store', { incr() {} }, 'use its latest version'],
  ])('is an error that says what to do instead: %s', (name, value, fix) => {
    const message = expect.stringContaining(fix)
    expect(() => rateLimit({ [name]: value } as Partial<Options>)).toThrow(
      expect.objectContaining({ code: 'invalid-options', path: `options.${name}`, message }),
    )
  })
})

describe('an option that is wrong', () => {
  it.each([
    [{ windowMs: 0.5 }, 'options.windowMs'],
    [{ windowMs: '1m' }, 'options.windowMs'],
    [{ limit: -1 }, 'options.limit'],
    [{ max: '5' }, 'options.max'],
    [{ statusCode: 42 }, 'options.statusCode'],
    [{ standardHeaders: 'draft-9' }, 'options.standardHeaders'],
    [{ keyGenerator: 'ip' }, 'options.keyGenerator'],
    [{ skip: true }, 'options.skip'],
    [{ handler: 429 }, 'options.handler'],
    [{ requestWasSuccessful: 200 }, 'options.requestWasSuccessful'],
    [{ ipv6Subnet: 16 }, 'options.ipv6Subnet'],
    [{ ipv6Subnet: 64, keyGenerator: () => 'a' }, 'options.ipv6Subnet'],
    [{ store: {} }, 'options.store'],
    [{ store: { increment() {} } }, 'options.store'],
    [{ windowMS: 1000 }, 'options'],
    ['100/min', 'options'],
  ])('is an error with its path: %j', (wrong, path) => {
    expect(() => rateLimit(wrong as unknown as Partial<Options>)).toThrow(
      expect.objectContaining({ code: 'invalid-options', path }),
    )
  })
})
