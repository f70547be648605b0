import type { RateLimiterRes } from './rate-limiter-res.ts'

/** What every limiter can do; also what is asked of an `insuranceLimiter`, which may be one of `rate-limiter-flexible`. */
export interface RateLimiterLike {
  consume(key: string | number, pointsToConsume?: number): Promise<RateLimiterRes>
  penalty(key: string | number, points?: number): Promise<RateLimiterRes>
  reward(key: string | number, points?: number): Promise<RateLimiterRes>
  get(key: string | number): Promise<RateLimiterRes | null>
  set(key: string | number, points: number, secDuration: number): Promise<RateLimiterRes>
  block(key: string | number, secDuration: number): Promise<RateLimiterRes>
  delete(key: string | number): Promise<boolean>
}
