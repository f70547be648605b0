import { type Finding, findingsOf } from './finding.ts'
import type { ExaminedServer } from './store-examination.ts'

/** How many instances of the service the store has heard of in the last seconds, and whether the file says the same. */
export async function checkInstances({ store, about, commands }: ExaminedServer): Promise<Finding[]> {
  const { ok, warning } = findingsOf('instances', about)
  // Asked by a script: that is what the user may do.
  const count = await commands
    .call('EVAL', "return redis.call('ZCARD', KEYS[1])", '1', `${store.prefix}:{~replicas}`)
    .catch(() => null)
  if (typeof count !== 'number') return []
  const { replicas } = store
  const message = `instances that use it now: ${count}`
  if (replicas === 'auto' || count === 0 || replicas === count) return [ok(message)]
  const fix = 'let store.replicas be auto, or as many as there are'
  return [
    warning(
      `${message}, and store.replicas is ${replicas}: without the store each takes a share of ${replicas}`,
      fix,
    ),
  ]
}
