/** Code as their documents have it: it runs with their package, and with ours after the import line is changed. */
import { RateLimiterAbstract } from 'headgate/compat/rate-limiter-flexible'
import { expect } from 'vitest'
import { describeExamples } from '../describe-examples.ts'

const expected: Readonly<Record<string, readonly unknown[]>> = {
  basic: ['passed', 4, true, 'passed', 2, true, 'passed', 0, true, 'rejected', 0],
  login: [400, 400, 200, 400, 400, 400, 429, 429, 429, 200],
  insurance: [4, 3, 0, 'rejected', 0],
}

interface Example {
  readonly seen: readonly unknown[]
  readonly limiters: readonly object[]
}

describeExamples(
  { folder: import.meta.dirname, specifier: 'rate-limiter-flexible', expected },
  async ({ seen, limiters }: Example, expected) => {
    for (const limiter of limiters) if (limiter instanceof RateLimiterAbstract) await limiter.close()
    expect(seen).toEqual(expected)
  },
)
