/** The limits of a file of envoyproxy/ratelimit as one list, with the order in which that looks at them. */

import { wildcardTest } from '../../service/wildcard.ts'
import type { Path } from '../config-error.ts'
import type { EnvoyDescriptor, EnvoyLimit } from '../foreign/envoy-shape.ts'

/** One entry on the way to a limit. */
export interface SpotEntry {
  readonly key: string
  /** Absent: any value. */
  readonly value?: string
  readonly isShared: boolean
}

/** A descriptor of the file. */
export interface Spot {
  readonly path: Path
  /** From the top of the domain to here. */
  readonly entries: readonly SpotEntry[]
  readonly descriptor: EnvoyDescriptor
  /** Absent where nothing is counted: it has no limit, or one without an end. */
  readonly limit?: EnvoyLimit
  /** Of two that fit the same entries the one with the lower rank is looked at first. */
  readonly rank: number
  readonly below: readonly Spot[]
}

/** The descriptors of a domain, as they stand in the file. */
export function spotsOf(descriptors: readonly EnvoyDescriptor[]): readonly Spot[] {
  const counter = { rank: 0 }
  return levelOf(descriptors, { at: ['descriptors'], above: [], counter })
}

interface Within {
  readonly at: Path
  readonly above: readonly SpotEntry[]
  readonly counter: { rank: number }
}

function levelOf(descriptors: readonly EnvoyDescriptor[], { at, above, counter }: Within): Spot[] {
  const order = descriptors.map((_, i) => i).sort((a, b) => stageOf(descriptors[a]) - stageOf(descriptors[b]))
  const spots = new Map<number, Spot>()
  for (const i of order) {
    const descriptor = descriptors[i] as EnvoyDescriptor
    const { key, value = '', share_threshold, rate_limit, descriptors: inner = [] } = descriptor
    const path = [...at, i]
    const entries = [...above, { key, ...(value !== '' && { value }), isShared: share_threshold === true }]
    const rank = counter.rank++
    const below = levelOf(inner, { at: [...path, 'descriptors'], above: entries, counter })
    const limit = rate_limit?.unlimited === true ? undefined : rate_limit
    spots.set(i, { path, entries, descriptor, rank, below, ...(limit && { limit }) })
  }
  return descriptors.map((_, i) => spots.get(i) as Spot)
}

/** Values come before patterns, these in their order, and then what has no value. */
function stageOf({ value = '' }: Partial<EnvoyDescriptor> = {}): number {
  if (value === '') return 2
  return value.includes('*') ? 1 : 0
}

/** A spot and all below it. */
export function withBelow(spot: Spot): Spot[] {
  return [spot, ...spot.below.flatMap(withBelow)]
}

/** Keys of entries, unambiguously. */
export function keysOf(entries: readonly SpotEntry[]): string {
  return JSON.stringify(entries.map(({ key }) => key))
}

/** Whether a descriptor can fit both: true where that is not certain. */
export function overlap(some: readonly SpotEntry[], others: readonly SpotEntry[]): boolean {
  return some.length === others.length && some.every((entry, i) => overlapAt(entry, others[i] as SpotEntry))
}

function overlapAt(a: SpotEntry, b: SpotEntry): boolean {
  if (a.key !== b.key) return false
  if (a.value === undefined || b.value === undefined) return true
  const [isPattern, isOtherPattern] = [a.value.includes('*'), b.value.includes('*')]
  if (isPattern) return isOtherPattern || wildcardTest(a.value)(b.value)
  return isOtherPattern ? wildcardTest(b.value)(a.value) : a.value === b.value
}
