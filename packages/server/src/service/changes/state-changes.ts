import { type Duration, HeadgateError, type Limiter, type Who } from 'headgate'
import { isUnsent } from 'headgate/errors'
import { tellable } from '../describe-failure.ts'
import { type ChangeOutcome, type Events, originOf, type StateChanged } from '../events.ts'
import type { ChangeOptions } from '../service.ts'
import { reaching } from '../wire-policy.ts'

/** What changes are made with, and who hears of them. */
export interface StateChangeParts {
  readonly limiter: Limiter
  readonly events: Events
}

/** Resets and blocks, each of which is told of, also where nobody knows whether it took effect. */
export interface StateChanges {
  reset(who: Who, options: ChangeOptions): Promise<string[]>
  block(who: Who, duration: Duration, options: ChangeOptions): Promise<string[]>
  unblock(who: Who, options: ChangeOptions): Promise<string[]>
}

export function createStateChanges({ limiter, events }: StateChangeParts): StateChanges {
  const told = async (
    action: StateChanged['action'],
    { who, options }: { readonly who: Who; readonly options: ChangeOptions },
    change: () => Promise<string[]>,
  ): Promise<string[]> => {
    // By the policies that the change is made with: by the end of it others may be in force.
    const aimedAt = limiter.policies.determinedKeysOf(who, reaching(options))
    const tell = (outcome: ChangeOutcome, policies: readonly string[]): void => {
      const keys = aimedAt.filter(({ policy }) => policies.includes(policy))
      events.emit('change', { action, keys, policies, outcome, ...originOf(options) })
    }
    try {
      const policies = someOf(await change(), options)
      tell('done', policies)
      return policies
    } catch (reason) {
      if (HeadgateError.from(reason, 'store-unavailable').code !== 'store-unavailable') throw reason
      const outcome = isUnsent(reason) ? 'here-only' : 'unknown'
      tell(
        outcome,
        aimedAt.map(({ policy }) => policy),
      )
      throw tellable(new HeadgateError('store-unavailable', SAID[outcome], { cause: reason }))
    }
  }
  return {
    reset: (who, options) => told('reset', { who, options }, () => limiter.reset(who, reaching(options))),
    block: (who, duration, options) =>
      told('block', { who, options }, () => limiter.block(who, duration, reaching(options))),
    unblock: (who, options) =>
      told('unblock', { who, options }, () => limiter.unblock(who, reaching(options))),
  }
}

const SAID = {
  unknown: 'the store did not say whether this was done: it may hold, here and there; do it again',
  'here-only':
    'the store was not asked: this holds at this instance alone, while it does not answer; do it again then',
} as const

/** The policies reached; an error where none was: whoever wanted that named nobody. */
function someOf(policies: string[], { policy }: Pick<ChangeOptions, 'policy'>): string[] {
  if (policies.length > 0 || policy !== undefined) return policies
  const message =
    'no policy has a key that these attributes determine; give those of its key, or name the policy'
  throw new HeadgateError('invalid-key', message)
}
