import type { Target } from './target.ts'

/**
 * The target with the fewest requests among those that are healthy, but for the one that has just failed; of equal ones the first from
 * `start` on. Where none is healthy, all count as such: to send nobody anywhere helps nobody.
 */
export function chooseTarget(targets: readonly Target[], start: number, failed: Target | null): Target {
  return (
    least(targets, start, (target) => target.health.isHealthy && target !== failed) ??
    least(targets, start, (target) => target !== failed) ??
    (targets[0] as Target)
  )
}

function least(targets: readonly Target[], start: number, fits: (target: Target) => boolean): Target | null {
  let best: Target | null = null
  for (let i = 0; i < targets.length; i++) {
    const target = targets[(start + i) % targets.length] as Target
    if (fits(target) && (best === null || target.inFlight < best.inFlight)) best = target
  }
  return best
}
