import type { Health } from 'headgate'
import type { Statistics } from './statistics-view.ts'
import type { TopKey, TopKeys } from './top-keys-view.ts'

/** What a snapshot is made of. */
export interface SnapshotParts {
  /** In milliseconds since 1970. */
  readonly at: number
  readonly hash: string
  readonly statistics: Statistics
  readonly health: Health
  readonly requests: TopKeys
  readonly denied: TopKeys
}

/** Most policies of a snapshot: those that deny most. */
const POLICIES_MAX = 50
/** Most keys of a ranking, and of each so much, so that a snapshot stays below 20 KB. */
export const TOP_MAX = 10
const KEY_LENGTH_MAX = 64

/** What all who watch are told each second: the counts, the keys that ask most, and how the store is. */
export function snapshotOf({ at, hash, statistics, health, requests, denied }: SnapshotParts): object {
  const { policies, ...counts } = statistics
  const { breaker, consecutiveFailures, replicas, overloads } = health
  const busiest = [...policies].sort((a, b) => b.denied - a.denied || b.allowed - a.allowed)
  return {
    at,
    hash,
    ...counts,
    policies: busiest.slice(0, POLICIES_MAX),
    store: { breaker, consecutiveFailures, replicas, overloads },
    top: { requests: topOf(requests), denied: topOf(denied) },
  }
}

function topOf({ window, sampledOneIn, keys }: TopKeys): object {
  return { window, sampledOneIn, keys: keys.map(shortened) }
}

function shortened(top: TopKey): TopKey {
  const { key } = top
  return key.length <= KEY_LENGTH_MAX ? top : { ...top, key: `${key.slice(0, KEY_LENGTH_MAX)}…` }
}
