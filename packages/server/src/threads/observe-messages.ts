import type { KeptDenial } from '../service/observe/recent-denials.ts'
import type { TopRanking } from '../service/observe/thread-observer.ts'
import type { ThreadPart } from '../service/observe/thread-part.ts'
import type { TopPart } from '../service/observe/top-keys.ts'
import type { Family } from '../telemetry/metrics/metric.ts'
import type { ThreadRuntime } from '../telemetry/metrics/thread-runtime.ts'

/** All that a worker has counted since it began, and how it is. */
export interface WorkerCounts {
  readonly part: ThreadPart
  readonly families: readonly Family[]
}

/** An event as those who watch with a token are told of it. */
export interface ToldEvent {
  /** Of the token; empty where none is needed. */
  readonly name: string
  readonly event: string
  readonly json: string
}

/** What the coordinator asks workers of what they have seen. */
export type ObservingAsks = {
  readonly counts: (given: null) => WorkerCounts
  /** How it runs, since that was asked before. */
  readonly runtime: (given: null) => ThreadRuntime
  /** Newest first. */
  readonly denials: (given: null) => readonly KeptDenial[]
  readonly top: (given: TopRanking & { readonly most: number }) => readonly TopPart[]
}

/** What the coordinator tells workers. */
export type ObservingTells = {
  /** Names of the tokens for which somebody watches. */
  readonly watched: readonly string[]
}

/** What workers tell, most of it while somebody watches. */
export type ObservedTells = {
  /** All that it has seen, as it ends. One that runs out of memory, or is terminated, says nothing. */
  readonly last: { readonly counts: WorkerCounts; readonly denials: readonly KeptDenial[] }
  /** A line of the audit log, with its end. */
  readonly audit: string
  readonly event: ToldEvent
  /** How many events of each kind had no room in the last second, by the names of tokens. */
  readonly omitted: ReadonlyMap<string, Readonly<Record<string, number>>>
}
