/** The entry `headgate/nest`. */

export type { NestRateLimitDefaults } from '../adapters/nest/nest-limits.ts'
export {
  type NestRateLimitOptions,
  RateLimit,
  type RateLimitDecorator,
  SkipRateLimit,
} from '../adapters/nest/rate-limit-decorators.ts'
export { RateLimitException } from '../adapters/nest/rate-limit-exception.ts'
export { RateLimitGuard } from '../adapters/nest/rate-limit-guard.ts'
export {
  type RateLimitFactory,
  RateLimitModule,
  type RateLimitModuleOptions,
} from '../adapters/nest/rate-limit-module.ts'
