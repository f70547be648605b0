import { memoryStore } from '../../stores/memory/index.ts'
import { RateLimiterAbstract } from './rate-limiter-abstract.ts'
import { checkOptions, type RateLimiterOptions } from './rate-limiter-options.ts'

/**
 * A limiter whose points are in this process.
 *
 * ```ts
 * const limiter = new RateLimiterMemory({ points: 6, duration: 1 })
 * await limiter.consume('192.0.2.1', 2)
 * ```
 */
export class RateLimiterMemory extends RateLimiterAbstract {
  constructor(options: RateLimiterOptions) {
    checkOptions(options)
    super(options, { store: memoryStore() })
  }
}
