/** Memory that several stores of one thread are attached to, as if each were in a thread of its own. */
import { getOrAdd } from '../../src/core/get-or-add.ts'
import type { Seed } from '../../src/stores/local/siphash.ts'
import { createMemory, type MemoryMap } from '../../src/stores/shared-memory/memory-map.ts'
import { clearUpAfter } from '../../src/stores/shared-memory/ownership.ts'
import { leavePlace, takePlace } from '../../src/stores/shared-memory/places.ts'
import { SharedArrayStore } from '../../src/stores/shared-memory/shared-store.ts'
import { ThreadMemory } from '../../src/stores/shared-memory/thread-memory.ts'
import type { ThreadTime } from '../../src/stores/shared-memory/thread-time.ts'
import { type ManualClock, manualClock } from '../../src/testing/manual-clock.ts'
import { type Probe, probedMap } from './probe.ts'

/** The same in every run, so that the same keys meet in a bucket or an overflow record. */
export const SEED: Seed = { k0: 0x1234567, k1: 0x89abcde }

/** A store at a place of its own. */
export interface Thread {
  readonly store: SharedArrayStore
  readonly place: number
  /** Told of what the store does to the memory, where it was attached with one. */
  readonly probe: Probe
  /** What is done for a thread that has ended, whatever it was doing. */
  clearUp(): void
}

/** Memories that {@link SharedMemory.again} has made, and what stood in them in the beginning, without their chunks. */
const made = new Map<number, { readonly map: MemoryMap; readonly begin: Int32Array }>()

export class SharedMemory {
  readonly map: MemoryMap
  readonly clock: ManualClock = manualClock()

  constructor(maxKeys = 64, map: MemoryMap = createMemory(maxKeys, SEED, 0)) {
    this.map = map
  }

  /** The last one for so many keys, as if it were new: to map memory takes longer than what most tests do in it. */
  static again(maxKeys = 64): SharedMemory {
    const { map, begin } = getOrAdd(made, maxKeys, () => {
      const map = createMemory(maxKeys, SEED, 0)
      return { map, begin: map.ints.slice(0, map.chunks) }
    })
    map.ints.set(begin)
    return new SharedMemory(maxKeys, map)
  }

  /** A thread with the clock of all, or one of its own. */
  attach(time: ThreadTime = timeBy(this.clock.now)): Thread {
    return this.#attach(this.map, { before: null }, time)
  }

  /** A thread whose accesses to the memory a test can be told of. */
  attachProbed(): Thread {
    const probe: Probe = { before: null }
    return this.#attach(probedMap(this.map, probe), probe, timeBy(this.clock.now))
  }

  #attach(seen: MemoryMap, probe: Probe, time: ThreadTime): Thread {
    const { map, clock } = this
    const place = takePlace(map)
    const store = new SharedArrayStore(new ThreadMemory(seen, place, time), clock, () =>
      leavePlace(map, place),
    )
    const clearUp = (): void => {
      clearUpAfter(map, place)
      leavePlace(map, place)
    }
    return { store, place, probe, clearUp }
  }
}

function timeBy(now: () => number): ThreadTime {
  return { now, fresh: now, aheadMaxUs: 0 }
}
