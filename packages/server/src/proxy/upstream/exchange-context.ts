import type { UpstreamTimeouts } from '../../service/proxy-settings/upstream-settings.ts'
import type { Deadlines } from './deadlines.ts'
import type { Target } from './target.ts'

/** What the requests of a group share. */
export interface ExchangeContext {
  readonly deadlines: Deadlines
  readonly timeouts: UpstreamTimeouts
  readonly host: 'keep' | 'target'
  /** The target for a request; `failed` is the one that it was sent to before. */
  pick(failed: Target | null): Target
  /** Whether a request may be sent once more after so many attempts; that is then counted. */
  mayRetry(attempts: number): boolean
}
