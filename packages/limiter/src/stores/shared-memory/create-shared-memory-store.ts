import { type Clock, checkClock, clockBy } from '../../core/clock.ts'
import { wrong } from '../../core/errors.ts'
import { warnOfSeparateMemory } from '../../core/separate-memory-warning.ts'
import { checkFields, isRecord } from '../../core/validate.ts'
import { randomSeed } from '../local/siphash.ts'
import { createMemory, KEYS_MAX, type MemoryMap, openMemory } from './memory-map.ts'
import { leavePlace, takePlace } from './places.ts'
import type { AttachOptions, SharedMemoryOptions, SharedMemoryStore } from './shared-memory-options.ts'
import { INCARNATIONS, SharedArrayStore } from './shared-store.ts'
import { ThreadMemory } from './thread-memory.ts'
import { type ThreadTime, threadTime } from './thread-time.ts'

const MAX_KEYS = 1_000_000

/**
 * Creates a store in memory that the worker threads of this process share, so that all of them enforce one limit, exactly, without a
 * network. One thread makes it and hands its `memory` to the others, which attach to it. It never waits for another thread: one that
 * dies, at whatever point, holds up nobody and loses at most the spend that it was making. Processes cannot share it.
 *
 * ```ts
 * const store = sharedMemoryStore({ maxKeys: 100_000 })
 * new Worker('./worker.js', { workerData: store.memory })
 * // in worker.js
 * const limiter = createLimiter({ limit: '100/min', store: sharedMemoryStore({ attach: workerData }) })
 * ```
 */
export function sharedMemoryStore(options: SharedMemoryOptions | AttachOptions = {}): SharedMemoryStore {
  if (!isRecord(options))
    throw wrong(options, 'is not an object; pass { maxKeys } or { attach }', 'sharedMemoryStore')
  const isAttached = 'attach' in options
  checkFields(options, isAttached ? ['attach', 'clock'] : ['maxKeys', 'clock'], 'sharedMemoryStore')
  checkClock(options.clock, 'sharedMemoryStore.clock')
  const map = isAttached ? openMemory(options.attach) : made(options)
  warnOfSeparateMemory()
  const place = takePlace(map)
  const time = options.clock === undefined ? threadTime(map) : timeOf(options.clock)
  const clock = options.clock ?? clockBy(time.now)
  return new SharedArrayStore(new ThreadMemory(map, place, time), clock, () => leavePlace(map, place))
}

function made({ maxKeys = MAX_KEYS, clock }: SharedMemoryOptions): MemoryMap {
  if (!Number.isInteger(maxKeys) || maxKeys < 1 || maxKeys > KEYS_MAX)
    throw wrong(maxKeys, 'is not valid; use a whole number from 1 to 2^24', 'sharedMemoryStore.maxKeys')
  // Above any number that a process before this one drew: of those it is the time.
  const now = clock?.now() ?? Date.now() * 1000
  return createMemory(maxKeys, randomSeed(), Math.ceil(now / INCARNATIONS))
}

/** A clock of the caller's is believed as it is. */
function timeOf(clock: Clock): ThreadTime {
  const now = (): number => clock.now()
  return { now, fresh: now, aheadMaxUs: 0 }
}
