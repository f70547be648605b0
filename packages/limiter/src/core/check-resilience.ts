import { wrong } from './errors.ts'
import type { ResilienceOptions } from './guarded-store.ts'
import { checkOnStoreError } from './on-store-error.ts'
import { isWhole } from './validate.ts'

/** Checks resilience options, also those for a store that has no use for them; a mistake is an `invalid-options` error. */
export function checkResilience(options: ResilienceOptions): void {
  const { onStoreError, deadlineMs = 1, replicas = 'auto', minReplicas } = options
  checkOnStoreError(onStoreError, 'options.onStoreError')
  if (!(Number.isFinite(deadlineMs) && deadlineMs >= 1)) {
    const fix = 'use a number of 1 or more; every decision has a deadline'
    throw wrong(deadlineMs, `is not a number of milliseconds; ${fix}`, 'options.deadlineMs')
  }
  if (replicas !== 'auto' && !isWhole(replicas, 1)) {
    const fix = 'use "auto" or a whole number of 1 or more'
    throw wrong(replicas, `is not a number of processes; ${fix}`, 'options.replicas')
  }
  if (minReplicas === undefined) return
  if (!isWhole(minReplicas, 1)) {
    const fix = 'use a whole number of 1 or more'
    throw wrong(minReplicas, `is not a number of processes; ${fix}`, 'options.minReplicas')
  }
  if (replicas === 'auto') return
  throw wrong(minReplicas, 'is for replicas that are counted; leave it out', 'options.minReplicas')
}
