import type { Logger } from 'pino'
import {
  type FollowChangesOptions,
  type FollowedChanges,
  followChanges,
} from '../config/runtime/follow-changes.ts'

/** A service whose policies may be changed while it runs. */
export interface ChangesOptions extends Omit<FollowChangesOptions, 'onAway' | 'onBack'> {
  readonly log: Logger
}

/** Follows changes at run time, and logs where the store does not tell them. */
export function openChanges({ log, ...options }: ChangesOptions): Promise<FollowedChanges> {
  return followChanges({
    ...options,
    onAway: (err, version) =>
      log.warn(
        { version, err },
        'the store does not tell what was changed at run time: policies stay as they are until it does',
      ),
    onBack: (version) => log.info({ version }, 'the store tells again what was changed at run time'),
  })
}
