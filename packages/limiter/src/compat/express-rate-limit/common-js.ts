import { rateLimit } from './express-rate-limit.ts'
import { ipKeyGenerator } from './ip-key-generator.ts'
import { DAY, HOUR, MINUTE, SECOND } from './time-constants.ts'
import { MemoryStore } from './window-store.ts'

type RateLimit = typeof rateLimit

/** What `require` gives: `rateLimit`, whose properties are all that is exported by name. */
interface CommonJs extends RateLimit {
  readonly rateLimit: RateLimit
  readonly default: RateLimit
  readonly ipKeyGenerator: typeof ipKeyGenerator
  readonly MemoryStore: typeof MemoryStore
  readonly SECOND: number
  readonly MINUTE: number
  readonly HOUR: number
  readonly DAY: number
}

const exported = { rateLimit, default: rateLimit, ipKeyGenerator, MemoryStore, SECOND, MINUTE, HOUR, DAY }
export const commonJs: CommonJs = Object.assign(rateLimit, exported)
