/** Remote limiters that a test opens, closed after it, and the warnings of the process meanwhile. */
import { afterEach, beforeEach, describe, vi } from 'vitest'
import type { Connect } from '../../src/client/connection.ts'
import { fetchTransport } from '../../src/client/fetch-transport.ts'
import { nodeTransport } from '../../src/client/node-transport.ts'
import { remoteLimiter } from '../../src/client/remote-limiter.ts'
import type { RemoteLimiterOptions } from '../../src/client/remote-options.ts'
import type { RemoteLimiter } from '../../src/client/remote-types.ts'

/** An admission as the service answers it. */
export const decision = {
  allowed: true,
  reason: 'within-limit',
  source: 'store',
  policy: 'api',
  rule: '1m',
  limit: 5,
  remaining: 4,
  cost: 1,
  retryAfterMs: 0,
  resetAfterMs: 1000,
  rules: [],
  shadow: [],
  receipt: 'sealed',
}

export const warnings: { message: string; code: string }[] = []
const opened: RemoteLimiter[] = []
let connect: Connect = nodeTransport

beforeEach(() => {
  vi.spyOn(process, 'emitWarning').mockImplementation(((message: string, options: { code: string }) => {
    warnings.push({ message, code: options.code })
  }) as never)
})

afterEach(async () => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  warnings.length = 0
  await Promise.all(opened.splice(0).map((limiter) => limiter.close()))
})

export function remote(options: RemoteLimiterOptions): RemoteLimiter {
  // Longer than any answer here takes on a busy machine, unless the test is about the deadline.
  const limiter = remoteLimiter({ deadlineMs: 60_000, ...options }, connect)
  opened.push(limiter)
  return limiter
}

/** Runs tests whose remote limiters ask by `node:http`, and again by `fetch`. */
export function describeOverEach(subject: string, tests: () => void): void {
  describe.each([
    ['node:http', nodeTransport],
    ['fetch', fetchTransport],
  ])(`${subject}, by %s`, (_, transport) => {
    beforeEach(() => {
      connect = transport
    })
    tests()
  })
}
