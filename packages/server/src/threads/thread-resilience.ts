import type { ResilienceOptions } from 'headgate'

/** Whose store it is. */
export interface ResilienceOf {
  /** How many threads answer clients. */
  readonly workers: number
  /** Whether it is one of them; else that which coordinates them, and takes no requests of clients. */
  readonly isWorker: boolean
}

/**
 * What decides in a thread while the store does not answer. A share of the limits is that of a thread: a number of replicas, which is of
 * processes, is so many times as many, and where instances are counted, each worker is one, also where it has not decided yet, and so was not counted.
 */
export function threadResilience(
  { replicas = 'auto', ...resilience }: ResilienceOptions,
  { workers, isWorker }: ResilienceOf,
): ResilienceOptions {
  if (replicas !== 'auto') return { ...resilience, replicas: replicas * workers }
  // A number of its own keeps the coordinator from being counted.
  return isWorker ? { ...resilience, minReplicas: workers } : { ...resilience, replicas: workers }
}
