import { environmentVariable, processOf } from './runtime.ts'
import { warnOnce } from './warn.ts'

/** Warns where a store in memory counts for one of several processes, which are then limited each by itself. */
export function warnOfSeparateMemory(): void {
  const which = siblingName()
  if (which === null) return
  const what = `This process is ${which}, and a store in its memory counts by itself: together they admit a multiple of the limits`
  warnOnce('HEADGATE_SEPARATE_MEMORY', `${what}; use redisStore of headgate/redis`)
}

/**
 * What a process is called that is not the only one of its program; null for the first one, which may be. PM2 numbers its
 * processes from 0, in workers of a cluster too; `cluster` of Node numbers workers from 1.
 */
function siblingName(): string | null {
  const instance = environmentVariable('NODE_APP_INSTANCE')
  if (instance !== undefined) return Number(instance) > 0 ? `instance ${instance} of PM2` : null
  const process = processOf()
  // Workers have a channel to their primary; without one the module need not be loaded.
  if (process?.send === undefined) return null
  const id = process.getBuiltinModule?.('node:cluster')?.worker?.id ?? 0
  return id > 1 ? `worker ${id} of a cluster` : null
}
