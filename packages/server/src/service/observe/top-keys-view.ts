import type { KeyView } from 'headgate'
import type { Visibility } from '../access/visibility.ts'
import { type Heavy, heaviest, type SketchPart } from './space-saving.ts'
import type { Ranking, TopPart, TopQuery } from './top-keys.ts'

/** A key among those that ask most. */
export interface TopKey extends KeyView {
  /** Estimated; never too low but for sampling. */
  readonly count: number
  /** By how much it may be too high: by what other keys were counted with it, and by sampling (`margin`). */
  readonly error: number
  /** By how much sampling may have it off, either way, in 19 of 20 cases; 0 where nothing was sampled. */
  readonly margin: number
}

/** Who asks most. */
export interface TopKeys {
  readonly by: Ranking
  /** What is counted, in milliseconds since 1970. */
  readonly window: { readonly from: number; readonly to: number }
  /** All that was counted, of the policies that were asked for. */
  readonly total: number
  /** At most one in so many was looked at in this time; 1 where all were. */
  readonly sampledOneIn: number
  /** Most counters of a policy: each key is listed that has more than this part of what its policy counted. */
  readonly counters: number
  readonly keys: readonly TopKey[]
}

/** The keys that ask most, of all slots of all threads, as somebody may see them. */
export function topView(
  visibility: Visibility,
  parts: readonly TopPart[],
  { by, policy, count, now }: TopQuery & { readonly now: number },
): TopKeys {
  const isWanted = (name: string): boolean => policy === undefined || policy === name
  const seen = parts.flatMap(({ policies }) =>
    [...policies].filter(([name, { options }]) => isWanted(name) && visibility.reaches(name, options)),
  )
  const byPolicy = new Map<string, SketchPart[]>()
  for (const [name, { sketch }] of seen) byPolicy.set(name, [...(byPolicy.get(name) ?? []), sketch])
  const keys = [...byPolicy].flatMap(([name, sketches]) =>
    heaviest(sketches, count).map((one) => ({ policy: name, ...estimated(one) })),
  )
  return {
    by,
    window: { from: Math.min(now, ...parts.map(({ startedAt }) => startedAt)), to: now },
    total: seen.reduce((sum, [, { sketch }]) => sum + sketch.total, 0),
    sampledOneIn: Math.max(1, ...parts.map(({ oneIn }) => oneIn)),
    counters: Math.min(...parts.map(({ counters }) => counters)),
    keys: keys.sort((a, b) => b.count - a.count).slice(0, count),
  }
}

/** Two standard deviations hold 19 of 20 cases. */
const DEVIATIONS = 2

function estimated({ key, weight, error, variance }: Heavy): Omit<TopKey, 'policy'> {
  const margin = Math.ceil(DEVIATIONS * Math.sqrt(variance))
  return { key, count: weight, error: Math.min(weight, error + margin), margin }
}
