/** Decisions in each of the last five minutes' seconds: those that the service remembers, and what snapshots add to them. */
import type { Outcomes, Second, Snapshot } from './admin-answers.ts'

/** How long seconds are kept. */
const KEPT_MS = 300_000
/** How many that are, at most. */
export const SECONDS_KEPT: number = KEPT_MS / 1000
/** After a longer pause a chart has a gap rather than one second in which everything happened. */
const PAUSE_MS = 3000

/**
 * What was decided between two snapshots, counted as the service counts its seconds: one that comes late has more in it. Null where the
 * service was started anew or the pause is too long.
 */
export function secondBetween(before: Snapshot, now: Snapshot): Second | null {
  const elapsedMs = now.at - before.at
  if (now.since !== before.since || elapsedMs <= 0 || elapsedMs > PAUSE_MS) return null
  const grown = (name: keyof Outcomes): number => Math.max(0, now[name] - before[name])
  return {
    at: now.at,
    allowed: grown('allowed'),
    denied: grown('denied'),
    shadowDenied: grown('shadowDenied'),
  }
}

/** Puts seconds behind those before; what both have is taken from the later ones. */
export function appendSeconds(before: readonly Second[], later: readonly Second[]): readonly Second[] {
  const [first] = later
  if (first === undefined) return before
  const all = [...before.filter(({ at }) => at < first.at), ...later].slice(-SECONDS_KEPT)
  const newest = all.at(-1)?.at ?? 0
  return all.filter(({ at }) => at > newest - KEPT_MS)
}

/** The sum of what happened in these seconds, and how long that was. */
export function sumOfSeconds(seconds: readonly Second[]): Outcomes & { readonly spanMs: number } {
  const sum = (name: keyof Outcomes): number => seconds.reduce((total, second) => total + second[name], 0)
  const [first, last] = [seconds[0], seconds.at(-1)]
  const spanMs = first === undefined || last === undefined ? 0 : last.at - first.at + 1000
  return { allowed: sum('allowed'), denied: sum('denied'), shadowDenied: sum('shadowDenied'), spanMs }
}
