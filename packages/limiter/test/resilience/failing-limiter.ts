/** A limiter whose store fails until a test says otherwise. */
import type { OnStoreError } from '../../src/core/on-store-error.ts'
import type { PolicyOptions } from '../../src/core/policy-options.ts'
import { createLimiter } from '../../src/create-limiter.ts'
import { guarded } from '../../src/entries/resilience.ts'
import { manualClock } from '../../src/testing/manual-clock.ts'
import { ControllableStore, verdict } from './controllable-store.ts'

export function bench(
  policies: readonly PolicyOptions[],
  more: { replicas?: number; onStoreError?: OnStoreError } = {},
) {
  const store = new ControllableStore(verdict(0, 7, 1000))
  store.manner = 'fail'
  const clock = manualClock()
  const limiter = createLimiter({ policies, store: guarded(store), clock, replicas: 1, ...more })
  return { store, clock, limiter }
}

export const bucket = (limit: string, burst: number) => ({ algorithm: 'token-bucket', limit, burst })

export function policy(name: string, onStoreError?: OnStoreError, burst = 2): PolicyOptions {
  const rules = [bucket('60/min', burst)]
  return onStoreError === undefined ? { name, rules } : { name, rules, onStoreError }
}
