import { HeadgateError } from '../../core/errors.ts'
import { processOf } from '../../core/runtime.ts'
import { HOLDER, type MemoryMap, openMemory, THREADS_MAX, threadAt } from './memory-map.ts'
import { clearUpAfter } from './ownership.ts'

/** Memories that this thread has, or had, a place in. */
const known = new WeakSet<SharedArrayBuffer>()
const used = new Set<WeakRef<SharedArrayBuffer>>()
/** Those that threads which this one has made, and which run, may be using: they are kept, as nobody else clears up after them. */
const kept = new Set<SharedArrayBuffer>()
let running = 0
let isWatching = false

/** Takes a place in the memory for a store of this thread; returns its number. An error where all are taken. */
export function takePlace(map: MemoryMap): number {
  watchWorkers()
  use(map.buffer)
  const holder = holderOf(ownThreadId())
  for (let place = 0; place < THREADS_MAX; place++) {
    if (Atomics.compareExchange(map.ints, threadAt(map, place) + HOLDER, 0, holder) === 0) return place
  }
  throw new HeadgateError(
    'invalid-options',
    `${THREADS_MAX} stores in threads share this memory already, which is as many as can; attach one to each thread, and close it`,
  )
}

/**
 * Gives a place back that nothing is being done at, if this thread still has it. Memory in which nobody has one is not kept any more:
 * where it is used again, the next thread that is made has it kept.
 */
export function leavePlace(map: MemoryMap, place: number, threadId: number = ownThreadId()): void {
  Atomics.compareExchange(map.ints, threadAt(map, place) + HOLDER, holderOf(threadId), 0)
  if (!isUsed(map)) kept.delete(map.buffer)
}

function isUsed(map: MemoryMap): boolean {
  for (let place = 0; place < THREADS_MAX; place++) {
    if (Atomics.load(map.ints, threadAt(map, place) + HOLDER) !== 0) return true
  }
  return false
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
    running++
    for (const buffer of living()) kept.add(buffer)
    worker.once('exit', () => {
      for (const buffer of kept) releaseThread(openMemory(buffer), threadId)
      running--
      if (running === 0) kept.clear()
    })
  })
}

function use(buffer: SharedArrayBuffer): void {
  if (!known.has(buffer)) used.add(new WeakRef(buffer))
  known.add(buffer)
  if (running > 0) kept.add(buffer)
}

/** Memories used that are still there; forgets the others. */
function living(): SharedArrayBuffer[] {
  return [...used].flatMap((reference) => {
    const buffer = reference.deref()
    if (buffer !== undefined) return [buffer]
    used.delete(reference)
    return []
  })
}

function ownThreadId(): number {
  return processOf()?.getBuiltinModule?.('node:worker_threads')?.threadId ?? 0
}

/** 0 says that nobody holds a place. */
function holderOf(threadId: number): number {
  return threadId + 1
}
