import type { Clock } from '../../core/clock.ts'
import type { ProbedStore } from '../../core/store.ts'
import type { Stoppable } from '../pass-through.ts'

/** Knows how many processes share the limits of one store. */
export interface Replicas extends Stoppable {
  count(): number
  /** Begins to count, at the first decision, unless it was stopped; `onUpdate` is called after each answer of the store. */
  start(onUpdate?: () => void): void
}

/** Settings of {@link countedReplicas}. */
export interface ReplicasConfig {
  /** Least count, whatever the store has heard of. */
  readonly min: number
  readonly clock: Clock
  /** Source of the jitter between heartbeats; returns a number from 0 to below 1. */
  readonly random: () => number
}

/** Mean interval of heartbeats; each interval is up to a quarter shorter or longer, at random. */
const HEARTBEAT_MS = 2000
/** Intervals that a heartbeat is valid for, and answers of which the largest counts. */
const HEARTBEATS_KEPT = 3

/**
 * One for this process or thread: limiters in it that share a store also share its fallback, so they are one replica.
 */
let id = ''

/** A configured number of replicas. */
export function fixedReplicas(count: number): Replicas {
  return { count: () => count, start: () => {}, stop: () => {} }
}

/**
 * Counts the processes that use a store, by heartbeats that each sends to it. While the store does not answer, the last
 * count stays; before its first answer it is the least. A store that lost its data has heard of all replicas only after some
 * heartbeats, so the largest of the last three answers counts.
 */
export function countedReplicas(
  heartbeat: ProbedStore['heartbeat'],
  { min, clock, random }: ReplicasConfig,
): Replicas {
  const answers: number[] = []
  let count = min
  let state: 'waiting' | 'running' | 'stopped' = 'waiting'
  let cancel = (): void => {}
  let notify = (): void => {}
  const next = (): void => {
    if (state === 'running') cancel = clock.after(HEARTBEAT_MS * (0.75 + random() / 2), beat)
  }
  const beat = (): void => {
    // Not before: Workers have no random numbers until a request.
    if (id === '') id = crypto.randomUUID()
    Promise.resolve()
      .then(() => heartbeat(id, HEARTBEAT_MS * HEARTBEATS_KEPT))
      .then((answer) => {
        answers.unshift(answer)
        answers.length = Math.min(answers.length, HEARTBEATS_KEPT)
        count = Math.max(min, ...answers)
        notify()
      })
      .then(next, next)
  }
  return {
    count: () => count,
    start(onUpdate = () => {}) {
      if (state !== 'waiting') return
      state = 'running'
      notify = onUpdate
      beat()
    },
    stop() {
      state = 'stopped'
      cancel()
    },
  }
}
