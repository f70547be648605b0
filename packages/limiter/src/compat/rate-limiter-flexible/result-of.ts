import type { Decision } from '../../core/decision.ts'
import { toldMs } from './rate-limiter-options.ts'
import { RateLimiterRes } from './rate-limiter-res.ts'

/** The result of a call that passed and spent so many points, or of one that spent none. */
export function resultOf(decision: Decision, points: number, spent = 0): RateLimiterRes {
  const consumed = consumedIn(decision)
  const left = Math.max(points - consumed, 0)
  return new RateLimiterRes(
    left,
    toldMs(decision.resetAfterMs ?? 0),
    consumed,
    spent > 0 && consumed === spent,
  )
}

/** The result of a call that was rejected. A key that is blocked has consumed one point too many, as in the original. */
export function rejectionOf(decision: Decision, points: number, waitMs: number): RateLimiterRes {
  const ms = toldMs(waitMs)
  const consumed = consumedIn(decision)
  return decision.reason === 'blocked'
    ? new RateLimiterRes(0, ms, Math.max(consumed, points + 1))
    : new RateLimiterRes(Math.max(points - consumed, 0), ms, consumed)
}

function consumedIn({ limit, remaining }: Decision): number {
  return (limit ?? 0) - (remaining ?? 0)
}
