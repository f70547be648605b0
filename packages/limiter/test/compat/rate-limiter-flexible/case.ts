/** What cases are made of. */
import { expect } from 'vitest'
import type { RateLimiterRes } from '../../../src/entries/compat/rate-limiter-flexible.ts'
import type { Subject } from './subject.ts'

/** Something that a package documents, as assertions. */
export interface Case {
  readonly name: string
  run(subject: Subject): Promise<void>
}

/** Seconds, far more than any test takes. */
export const duration = 600

/** The wait for points that never come back. */
export const forever: number = -1

/** What a call rejects with. */
export async function rejection(call: Promise<RateLimiterRes>): Promise<RateLimiterRes> {
  const settled = await call.then(
    () => undefined,
    (reason: unknown) => reason as RateLimiterRes,
  )
  if (settled === undefined) throw new Error('the call was not rejected')
  return settled
}

/** `resolved`, `rejected`, or the name of the error. */
export async function outcome(call: Promise<unknown>): Promise<string> {
  try {
    await call
    return 'resolved'
  } catch (reason) {
    return reason instanceof Error ? reason.name : 'rejected'
  }
}

/** That a wait is the rest of so many seconds, of which no test takes a minute, and at most the slack of a timer longer. */
export function expectWait(res: { readonly msBeforeNext: number } | null, seconds: unknown): void {
  const ms = (seconds as number) * 1000
  expect(res?.msBeforeNext).toBeLessThanOrEqual(ms + 1)
  expect(res?.msBeforeNext).toBeGreaterThan(ms - 60_000)
}
