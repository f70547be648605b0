import { describe, expect, it } from 'vitest'
import type { GuardOptions } from '../../src/core/guarded-store.ts'
import type { BudgetRequest, SyncStore, Verb } from '../../src/core/store.ts'
import { createLimiter } from '../../src/create-limiter.ts'
import { guard } from '../../src/resilience/guard.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { manualClock } from '../../src/testing/manual-clock.ts'
import { ControllableStore, turn } from './controllable-store.ts'

describe('what decides in place of the store', () => {
  it('is warmed up with each count of replicas, which leaves no trace', async () => {
    const store = new ControllableStore()
    const clock = manualClock()
    const local = memoryStore({ clock })
    const verbs: Verb[] = []
    const decideSync = local.decideSync.bind(local)
    const heard: SyncStore = Object.assign(local, {
      decideSync(verb: Verb, requests: readonly BudgetRequest[]) {
        verbs.push(verb)
        return decideSync(verb, requests)
      },
    })
    const limiter = createLimiter({
      algorithm: 'token-bucket',
      limit: '60/min',
      burst: 8,
      store: Object.assign(store, {
        guard: (all: GuardOptions) => guard(store, { ...all, local: () => heard }),
      }),
      clock,
    })
    let told = 0
    limiter.on('decision', () => told++)
    await limiter.consume('alice')
    await turn()
    clock.advance(2500)
    await turn()
    expect(verbs).toEqual(['peek', 'peek'])
    expect(local.stats()).toEqual({ keys: 0, overflowed: 0 })
    expect(told).toBe(1)
    expect(limiter.health().decisions).toMatchObject({ store: 1, fallback: 0 })
    store.manner = 'fail'
    expect(await limiter.consume('alice')).toMatchObject({ source: 'fallback', remaining: 1 })
    await limiter.close()
  })
})
