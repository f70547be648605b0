import type { PartHealth } from '../core/health-report.ts'

const breakers: readonly PartHealth['breaker'][] = ['closed', 'half-open', 'open']
const stores: readonly PartHealth['store'][] = ['reachable', 'unknown', 'unreachable']

/** The health of several parts: each field is the worst of theirs, or the latest. Without parts, the best. */
export function worstOf(parts: readonly PartHealth[]): PartHealth {
  const worst = <T>(order: readonly T[], read: (part: PartHealth) => T): T =>
    parts.map(read).sort((a, b) => order.indexOf(b) - order.indexOf(a))[0] ?? (order[0] as T)
  return {
    store: worst(stores, ({ store }) => store),
    answeredAt: parts.flatMap(({ answeredAt }) => answeredAt ?? []).sort((a, b) => b - a)[0] ?? null,
    breaker: worst(breakers, ({ breaker }) => breaker),
    consecutiveFailures: Math.max(0, ...parts.map(({ consecutiveFailures }) => consecutiveFailures)),
    lastError: parts.flatMap(({ lastError }) => lastError ?? []).sort((a, b) => b.at - a.at)[0] ?? null,
  }
}
