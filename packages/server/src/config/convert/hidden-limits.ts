/** Descriptors that nothing limits, although a limit fits: another one is looked at first there. Here only policies are looked at. */

import { keysOf, overlap, type Spot, type SpotEntry, withBelow } from './limit-spots.ts'

/** What has to pass before any policy is asked, and limits that would have to be asked here and not there. */
export interface HiddenLimits {
  readonly allowed: readonly (readonly SpotEntry[])[]
  readonly unsaid: readonly HiddenLimit[]
}

/** A limit that is not looked at beside another descriptor. */
export interface HiddenLimit {
  readonly spot: Spot
  readonly behind: Spot
}

/** Finds them in a domain. */
export function hiddenLimits(spots: readonly Spot[]): HiddenLimits {
  const all = spots.flatMap(withBelow)
  const limited = all.filter(({ limit }) => limit !== undefined)
  const allowed = new Map<string, readonly SpotEntry[]>()
  const unsaid: HiddenLimit[] = []
  for (const { first, second } of pairsIn(spots)) {
    for (const spot of withBelow(second).filter(({ limit }) => limit !== undefined)) {
      const deeper = spot.entries.slice(second.entries.length)
      const hiding = hidingEntries(first, deeper)
      if (hiding === null) continue
      const isLimitedThere = limited.some((one) => one.rank < spot.rank && overlap(one.entries, hiding))
      if (isLimitedThere) unsaid.push({ spot, behind: first })
      else allowed.set(JSON.stringify(hiding), hiding)
    }
  }
  return { allowed: [...allowed.values()], unsaid }
}

/** Of descriptors beside each other those that the same entry fits, in the order in which they are looked at. */
function pairsIn(level: readonly Spot[]): { readonly first: Spot; readonly second: Spot }[] {
  const own = level.flatMap((first) =>
    level
      .filter(
        (second) => first.rank < second.rank && overlap(first.entries.slice(-1), second.entries.slice(-1)),
      )
      .map((second) => ({ first, second })),
  )
  return [...own, ...level.flatMap(({ below }) => pairsIn(below))]
}

/** The entries by which nothing is counted behind `first`; null where something is for all of them. */
function hidingEntries(first: Spot, deeper: readonly SpotEntry[]): readonly SpotEntry[] | null {
  let spot = first
  for (const [i, { key }] of deeper.entries()) {
    const bare = spot.below.find(
      ({ descriptor }) => descriptor.key === key && (descriptor.value ?? '') === '',
    )
    if (bare === undefined)
      return [...spot.entries, ...deeper.slice(i).map((one) => ({ key: one.key, isShared: false }))]
    spot = bare
  }
  return spot.limit === undefined ? spot.entries : null
}

/** Spots by the keys of their entries: of those alone two can fit one descriptor. */
export function byKeys(spots: readonly Spot[]): Map<string, Spot[]> {
  const groups = new Map<string, Spot[]>()
  for (const spot of spots) {
    const keys = keysOf(spot.entries)
    groups.set(keys, [...(groups.get(keys) ?? []), spot])
  }
  return groups
}
