import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isLayout } from '../../src/stores/shared-memory/kept-records.ts'
import { SETBACKS, threadAt } from '../../src/stores/shared-memory/memory-map.ts'
import { takePlace } from '../../src/stores/shared-memory/places.ts'
import { sweepBy } from '../../src/stores/shared-memory/sweep.ts'
import { ThreadMemory } from '../../src/stores/shared-memory/thread-memory.ts'
import { changedBudget, freshBudget } from '../guarantees/arbitraries.ts'
import { checkIntrusions } from './interleavings.ts'
import { SharedMemory } from './memory.ts'
import { watchAtomics } from './probe.ts'
import { on, peek, consume as spend } from './scenarios.ts'
import { everyAtomic } from './schedule.ts'

let unwatch = (): void => {}
beforeEach(() => {
  unwatch = watchAtomics()
})
afterEach(() => unwatch())

const minute = freshBudget({ limit: '10/min' })
const hour = changedBudget(minute, { limit: '10/min' }, { limit: '10/h' })

describe('a thread that reads what others change', () => {
  it('takes no record for one that has ended which is just spent from again', async () => {
    await checkIntrusions(
      {
        name: 'a record whose layout had ended with it',
        set(store, { map, clock }) {
          spend(on(minute, 'k'))(store)
          clock.advance('3h')
          const time = { now: clock.now, fresh: clock.now, aheadMaxUs: 0 }
          const memory = new ThreadMemory(map, takePlace(map), time)
          const { records } = memory
          sweepBy(memory, map.bucketMask + 1, (chunk) =>
            isLayout(records.layoutLowAt(chunk), records.layoutHighAt(chunk)),
          )
          return {
            first: spend(on(hour, 'k')),
            second: [spend(on(minute, 'k'))],
            look: peek(on(minute, 'k')),
          }
        },
      },
      everyAtomic,
      500,
    )
  })

  it('is waited for no longer than others where one had its place that was put off often', () => {
    const memory = new SharedMemory()
    const { place, clearUp } = memory.attach()
    const at = threadAt(memory.map, place) + SETBACKS
    memory.map.ints[at] = 9
    clearUp()
    expect(memory.attach().place).toBe(place)
    expect(memory.map.ints[at]).toBe(0)
  })
})
