import type { Clock } from '../../core/clock.ts'
import type { ProbedStore } from '../../core/store.ts'
import type { Stoppable } from '../pass-through.ts'

/** How many processes share the limits of one store. */
export interface Replicas extends Stoppable {
  count(): number
  /** Begins to count, at the first decision; `onAnswer` is told that the store answered, and `count` is new. */
  start(onAnswer?: () => void): void
}

/** What counting takes. */
export interface ReplicasConfig {
  readonly clock: Clock
  /** Chance for the time between beats, from 0 to below 1. */
  readonly random: () => number
}

/** Between two signs of life on average; each is a quarter shorter to a quarter longer, by chance. */
const BEAT_MS = 2000
/** Beats that may be missed before a replica counts as gone. */
const BEATS_KEPT = 3

/** This process, or thread: limiters that share a store in it are one replica, as they share their shares. */
const id = crypto.randomUUID()

/** A number that was given. */
export function fixedReplicas(count: number): Replicas {
  return { count: () => count, start: () => {}, stop: () => {} }
}

/**
 * Counts the processes that use a store by signs of life they leave in it. The last count stays while the store does
 * not answer; before its first answer it is 1. A store that lost its memory hears of all replicas only in the course
 * of a lifetime, so the largest of the last three answers counts.
 */
export function countedReplicas(
  heartbeat: ProbedStore['heartbeat'],
  { clock, random }: ReplicasConfig,
): Replicas {
  const answers: number[] = []
  let count = 1
  let running = false
  let cancel = (): void => {}
  let told = (): void => {}
  const next = (): void => {
    if (running) cancel = clock.after(BEAT_MS * (0.75 + random() / 2), beat)
  }
  const beat = (): void => {
    Promise.resolve()
      .then(() => heartbeat(id, BEAT_MS * BEATS_KEPT))
      .then((answer) => {
        answers.unshift(answer)
        answers.length = Math.min(answers.length, BEATS_KEPT)
        count = Math.max(1, ...answers)
        told()
      })
      .then(next, next)
  }
  return {
    count: () => count,
    start(onAnswer = () => {}) {
      if (running) return
      running = true
      told = onAnswer
      beat()
    },
    stop() {
      running = false
      cancel()
    },
  }
}
