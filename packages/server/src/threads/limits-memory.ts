import type { SyncStore } from 'headgate'
import { sharedMemoryStore } from 'headgate/shared-memory'
import type { Places, Tally } from '../service/tally.ts'
import { WAITERS_MAX } from '../service/waiting.ts'
import { SharedPlaces, SharedTally, type TallyMemory, tallyMemory } from './shared-tally.ts'

/** Memory for what the threads of a process count together, so that a limit of the process is one. */
export interface LimitsMemory {
  readonly waiters: TallyMemory
  /** Requests of tokens. */
  readonly tokens: SharedArrayBuffer
  /** By the name of the wire. */
  readonly connections: ReadonlyMap<string, { readonly all: TallyMemory; readonly peers: TallyMemory }>
}

/** What is limited, and how many threads count. */
export interface LimitsOptions {
  /** The first is 1. */
  readonly workers: number
  readonly wires: readonly string[]
  readonly maxConnections: number
}

/** More tokens than a configuration has. */
const TOKENS_MAX = 10_000

/** Memory in which nothing is counted yet. */
export function limitsMemory({ workers, wires, maxConnections }: LimitsOptions): LimitsMemory {
  // The thread that counts nothing is 0.
  const threads = workers + 1
  const one = { keys: 1, threads }
  return {
    waiters: tallyMemory(one),
    tokens: sharedMemoryStore({ maxKeys: TOKENS_MAX }).memory,
    connections: new Map(
      wires.map((name) => [
        name,
        { all: tallyMemory(one), peers: tallyMemory({ keys: maxConnections, threads }) },
      ]),
    ),
  }
}

/** The limits of all threads, as one of them counts. */
export interface ThreadLimits {
  readonly waiters: Places
  readonly tokens: SyncStore
  readonly connections: ReadonlyMap<string, { readonly places: Places; readonly peers: Tally }>
}

/** Counts in memory that the other threads have too. */
export function threadLimits(
  memory: LimitsMemory,
  { thread, maxConnections }: { readonly thread: number; readonly maxConnections: number },
): ThreadLimits {
  const placesIn = (one: TallyMemory, max: number): Places =>
    new SharedPlaces(new SharedTally(one, thread), max)
  return {
    waiters: placesIn(memory.waiters, WAITERS_MAX),
    tokens: sharedMemoryStore({ attach: memory.tokens }),
    connections: new Map(
      Array.from(memory.connections, ([name, { all, peers }]) => [
        name,
        { places: placesIn(all, maxConnections), peers: new SharedTally(peers, thread) },
      ]),
    ),
  }
}

/** Takes out what a thread counted that has ended. */
export function forgetThread({ waiters, connections }: LimitsMemory, thread: number): void {
  const counted = [...connections.values()].flatMap(({ all, peers }) => [all, peers])
  for (const memory of [waiters, ...counted]) new SharedTally(memory, 0).forget(thread)
}
