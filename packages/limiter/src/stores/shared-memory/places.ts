import { HeadgateError } from '../../core/errors.ts'
import { processOf } from '../../core/runtime.ts'
import { HOLDER, type MemoryMap, THREADS_MAX, threadAt } from './memory-map.ts'
import { clearUpAfter } from './ownership.ts'

/** Memories that this thread has a place in: by the buffer of each, as many maps may be of one. */
const used = new Set<WeakRef<MemoryMap>>()
let isWatching = false

/** Takes a place in the memory for a store of this thread; returns its number. An error where all are taken. */
export function takePlace(map: MemoryMap): number {
  watchWorkers()
  used.add(new WeakRef(map))
  const holder = holderOf(ownThreadId())
  for (let place = 0; place < THREADS_MAX; place++) {
    if (Atomics.compareExchange(map.ints, threadAt(map, place) + HOLDER, 0, holder) === 0) return place
  }
  throw new HeadgateError(
    'invalid-options',
    `${THREADS_MAX} stores in threads share this memory already, which is as many as can; attach one to each thread, and close it`,
  )
}

/** Gives a place back that nothing is being done at, if this thread still has it. */
export function leavePlace(map: MemoryMap, place: number, threadId: number = ownThreadId()): void {
  Atomics.compareExchange(map.ints, threadAt(map, place) + HOLDER, holderOf(threadId), 0)
}

/** Gives back what a thread held that has ended: it may have been in the middle of anything. */
function releaseThread(map: MemoryMap, threadId: number): void {
  for (let place = 0; place < THREADS_MAX; place++) {
    if (Atomics.load(map.ints, threadAt(map, place) + HOLDER) !== holderOf(threadId)) continue
    clearUpAfter(map, place)
    leavePlace(map, place, threadId)
  }
}

/** Notices the end of every thread that this one makes from now on. */
function watchWorkers(): void {
  if (isWatching) return
  isWatching = true
  processOf()?.on?.('worker', (worker) => {
    // Gone from the object once it has ended.
    const { threadId } = worker
    worker.once('exit', () => {
      for (const reference of used) {
        const map = reference.deref()
        if (map === undefined) used.delete(reference)
        else releaseThread(map, threadId)
      }
    })
  })
}

function ownThreadId(): number {
  return processOf()?.getBuiltinModule?.('node:worker_threads')?.threadId ?? 0
}

/** 0 says that nobody holds a place. */
function holderOf(threadId: number): number {
  return threadId + 1
}
