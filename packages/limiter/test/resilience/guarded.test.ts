import { describe, expect, it } from 'vitest'
import { isGuardable } from '../../src/core/guarded-store.ts'
import { isAtOnce, isLeasing, isPartitioned, isProbed, isQueueing, isSync } from '../../src/core/store.ts'
import { createLimiter } from '../../src/create-limiter.ts'
import { guarded, namedStores } from '../../src/entries/resilience.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { manualClock } from '../../src/testing/manual-clock.ts'
import { ControllableStore, unprobed } from './controllable-store.ts'
import { GroupingStore } from './grouping-store.ts'

/** A store with what only some have: private fields, and a method and a field of its own. */
class OwnStore extends ControllableStore {
  readonly label = 'own'
  readonly #figures = { unrecognized: 7 }

  stats(): { readonly unrecognized: number } {
    return this.#figures
  }

  get figures(): number {
    return this.#figures.unrecognized
  }
}

describe('guarded', () => {
  it('leaves the store as it is, and answers another one that can be guarded', () => {
    const store = new OwnStore()
    const wrapper = guarded(store)
    expect([isGuardable(store), isGuardable(wrapper), 'guard' in store]).toEqual([false, true, false])
    expect(wrapper).not.toBe(store)
  })

  it('answers what can do all that the store can, with its private fields', async () => {
    const wrapper = guarded(new OwnStore())
    expect([wrapper.stats(), wrapper.figures, wrapper.label]).toEqual([{ unrecognized: 7 }, 7, 'own'])
    await wrapper.ping()
    expect(wrapper.calls).toEqual(['ping'])
    const { heartbeat } = wrapper
    expect(await heartbeat()).toBe(4)
  })

  it('answers what can do no more than the store can', () => {
    const clock = manualClock()
    const can = (store: object): boolean[] =>
      [isSync, isAtOnce, isLeasing, isProbed, isPartitioned, isQueueing].map((is) => is(store as never))
    const stores = [
      unprobed(new ControllableStore()),
      new GroupingStore(clock),
      namedStores({ a: memoryStore() }),
    ]
    for (const store of stores) expect(can(guarded(store))).toEqual(can(store))
  })

  it('is what a limiter guards; a store beside it stays unguarded', async () => {
    const store = new OwnStore()
    store.manner = 'fail'
    const limiter = createLimiter({ limit: '1/s', store: guarded(store), clock: manualClock(), replicas: 1 })
    expect(await limiter.consume('alice')).toMatchObject({ source: 'fallback' })
    const bare = createLimiter({ limit: '1/s', store })
    await expect(bare.consume('alice')).rejects.toMatchObject({ code: 'store-unavailable' })
    await limiter.close()
  })

  it('may be done to stores that are given names, each of which is guarded once', async () => {
    const clock = manualClock()
    const [main, audit] = [new OwnStore(), new OwnStore()]
    const store = namedStores({ main: guarded(main), audit: guarded(audit) })
    const policies = [{ name: 'api', rules: ['9/s'], store: 'audit' }]
    const limiter = createLimiter({ policies, store, clock, replicas: 1 })
    expect(await limiter.consume('alice')).toMatchObject({ source: 'store' })
    expect([main.calls, audit.calls]).toEqual([[], ['consume']])
    expect(limiter.health().parts).toHaveLength(2)
    await limiter.close()
  })
})
