/** What cases are made of. */
import type { RateLimitRequestHandler } from '../../../src/entries/compat/express-rate-limit.ts'
import type { Subject } from './subject.ts'

/** Something that a package documents, as assertions. */
export interface Case {
  readonly name: string
  run(subject: Subject): Promise<void>
}

/** Milliseconds, far more than any test takes. */
export const windowMs = 600_000

/** Seconds until such a window ends, as fields tell them at its start on a machine however busy. */
export const rest: RegExp = /\b(60|5\d)\d\b/

/** The one client that tests have, unless they say that they were forwarded. */
export const client = '127.0.0.1'

/** How often a key was counted; 0 also where a store says that this is no number, as one does of keys that it does not know. */
export async function hitsOf(limiter: RateLimitRequestHandler, key: string): Promise<number> {
  return (await limiter.getKey(key))?.totalHits || 0
}

/** What a call of a constructor or function leads to. */
export function outcome(call: () => unknown): string {
  try {
    call()
    return 'taken'
  } catch {
    return 'an error'
  }
}
