import { VERSION } from '../version.ts'
import type { HealthView, StoreView } from './health-view.ts'
import { shorterKey } from './shown-key.ts'
import type { PolicyCounts, Statistics } from './statistics-view.ts'
import type { TopKey, TopKeys } from './top-keys-view.ts'

/** What a snapshot is made of. */
export interface SnapshotParts {
  /** In milliseconds since 1970. */
  readonly at: number
  readonly statistics: Statistics
  readonly health: HealthView
  readonly requests: TopKeys
  readonly denied: TopKeys
}

/** Longest snapshot, in bytes as JSON, less some for brackets and for what had no room: with that it stays below 20 KB. */
const LENGTH_MAX = 18_500
/** Most policies of a snapshot: those that deny most. */
const POLICIES_MAX = 50
/** Most keys of a ranking, and of each so much. */
export const TOP_MAX = 10
const KEY_LENGTH_MAX = 64
const ERROR_LENGTH_MAX = 200

/** What all who watch are told each second: the counts, the keys that ask most, and how store and process are. */
export function snapshotOf({ at, statistics, health, requests, denied }: SnapshotParts): object {
  const { policies, ...counts } = statistics
  const { configuration, isDraining, uptimeMs, eventLoop, overloads } = health
  const rest = {
    at,
    version: VERSION,
    uptimeMs,
    isDraining,
    hash: configuration.hash,
    ...counts,
    store: { ...storeOf(health.store), overloads },
    eventLoop,
  }
  const busiest = [...policies].sort((a, b) => b.denied - a.denied || b.allowed - a.allowed)
  const takes = takingFrom(LENGTH_MAX - lengthOf(rest))
  const top = { requests: topOf(requests, takes), denied: topOf(denied, takes) }
  return { ...rest, top, policies: policiesOf(busiest.slice(0, POLICIES_MAX), takes) }
}

/** Whether there is room for one more part, which is then taken. */
type Takes = (part: object) => boolean

function takingFrom(room: number): Takes {
  let left = room
  return (part) => {
    // A comma goes with each.
    const length = lengthOf(part) + 1
    if (length > left) return false
    left -= length
    return true
  }
}

/** As many policies as have room, without their rules; and of these, in turn, as many as have room then. */
function policiesOf(policies: readonly PolicyCounts[], takes: Takes): PolicyCounts[] {
  const kept = policies.filter((policy) => takes({ ...policy, rules: [] }))
  return kept.map((policy) => ({ ...policy, rules: policy.rules.filter(takes) }))
}

function lengthOf(part: object): number {
  return Buffer.byteLength(JSON.stringify(part))
}

function storeOf({ available, breaker, consecutiveFailures, replicas, lastError }: StoreView): object {
  return {
    available,
    breaker,
    consecutiveFailures,
    replicas,
    lastError: lastError && shortened(lastError.message, ERROR_LENGTH_MAX),
    lastErrorAt: lastError?.at ?? null,
  }
}

function topOf({ window, sampledOneIn, keys }: TopKeys, takes: Takes): object {
  return { window, sampledOneIn, keys: keys.map(shortTop).filter(takes) }
}

function shortTop(top: TopKey): TopKey {
  return { ...top, key: shorterKey(top.key, KEY_LENGTH_MAX) }
}

function shortened(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max)}…`
}
