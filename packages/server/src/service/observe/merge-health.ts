import type { Health } from 'headgate'

const BREAKERS: readonly Health['breaker'][] = ['open', 'half-open', 'closed']
/** A thread that did not ask it yet says nothing against the others. */
const STORES: readonly Health['store'][] = ['unreachable', 'reachable', 'unknown']

type Part = Health['parts'][number]

/**
 * The store as several threads find it, each of which has a breaker of its own: the worst of what they say now, the latest of
 * what was, and sums of what they counted. Latencies are those of the thread for which it took longest.
 */
export function mergeHealth(all: readonly [Health, ...Health[]]): Health {
  if (all.length === 1) return all[0]
  const parts = Math.max(...all.map((health) => health.parts.length))
  return {
    ...mergeParts(all),
    parts: Array.from({ length: parts }, (_, i) =>
      mergeParts(all.flatMap((health) => health.parts[i] ?? [])),
    ),
    decisions: mergeDecisions(all),
    overloads: sum(all.map(({ overloads }) => overloads)),
    latency: mergeLatency(all),
    replicas: Math.max(...all.map(({ replicas }) => replicas)),
  }
}

function mergeParts(parts: readonly Part[]): Part {
  return {
    store: first(
      STORES,
      parts.map(({ store }) => store),
    ),
    answeredAt: parts.flatMap(({ answeredAt }) => answeredAt ?? []).sort((a, b) => b - a)[0] ?? null,
    breaker: first(
      BREAKERS,
      parts.map(({ breaker }) => breaker),
    ),
    consecutiveFailures: Math.max(...parts.map(({ consecutiveFailures }) => consecutiveFailures)),
    lastError: parts.flatMap(({ lastError }) => lastError ?? []).sort((a, b) => b.at - a.at)[0] ?? null,
  }
}

/** The first of these that is among the values. */
function first<T>(order: readonly T[], values: readonly T[]): T {
  return order.find((one) => values.includes(one)) as T
}

function mergeDecisions(all: readonly Health[]): Health['decisions'] {
  const known = all.flatMap(({ decisions }) => decisions ?? [])
  if (known.length === 0) return null
  const merged = { store: 0, lease: 0, 'deny-cache': 0, fallback: 0, open: 0, closed: 0 }
  for (const source of Object.keys(merged) as (keyof typeof merged)[]) {
    merged[source] = sum(known.map((decisions) => decisions[source]))
  }
  return merged
}

function mergeLatency(all: readonly Health[]): Health['latency'] {
  const known = all.flatMap(({ latency }) => latency ?? [])
  if (known.length === 0) return null
  return {
    count: sum(known.map(({ count }) => count)),
    p50Ms: Math.max(...known.map(({ p50Ms }) => p50Ms)),
    p99Ms: Math.max(...known.map(({ p99Ms }) => p99Ms)),
    maxMs: Math.max(...known.map(({ maxMs }) => maxMs)),
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
