import { warnOnce } from '../../core/warn.ts'
import type { RedisClient } from './client.ts'

/** The options of clients that say whether commands wait while there is no connection. */
interface QueueOptions {
  readonly enableOfflineQueue?: unknown
  readonly disableOfflineQueue?: unknown
}

/**
 * Warns of a client that keeps commands while it has no connection: they are carried out when it is back, when their requests were
 * decided long ago. A client whose options nobody can see is taken to be right.
 */
export function warnOfOfflineQueue(client: RedisClient): void {
  const setting = queueSetting(client)
  if (setting === null) return
  const what =
    'A client of Redis keeps commands while it is disconnected, so that decisions are spent later that were made elsewhere'
  warnOnce('HEADGATE_OFFLINE_QUEUE', `${what}; create it with ${setting}`)
}

/** What is missing in the options; null where nothing is. */
function queueSetting(client: RedisClient): string | null {
  const { options } = client as { readonly options?: QueueOptions }
  if (typeof options !== 'object' || options === null) return null
  if ('evalSha' in client) return options.disableOfflineQueue === true ? null : 'disableOfflineQueue: true'
  return options.enableOfflineQueue === false ? null : 'enableOfflineQueue: false'
}
