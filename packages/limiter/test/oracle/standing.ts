/** What stands against a key, written from the definition of bans and blocks. */
export interface Stands {
  readonly offence?: Offence | undefined
  readonly block?: { readonly at: bigint; readonly length: bigint } | undefined
}

interface Offence {
  readonly level: number
  readonly at: bigint
  /** How long it bans; 0 once that was lifted. */
  readonly ban: bigint
  /** How long the level is kept. */
  readonly kept: bigint
  /** How long the rules hold what was spent before it. */
  readonly quiet: bigint
  /** Spends since that were not undone. */
  readonly spends: number
}

/** Brought to now: nothing lies in the future, and what is over is gone. */
export function standsAt({ offence, block }: Stands, now: bigint): Stands {
  const anchored = (at: bigint): bigint => (at > now ? now : at)
  const first = offence && { ...offence, at: anchored(offence.at) }
  const second = block && { ...block, at: anchored(block.at) }
  return {
    offence: first && (first.at + first.kept > now || first.at + first.quiet > now) ? first : undefined,
    block: second && second.at + second.length > now ? second : undefined,
  }
}

export function isAhead({ offence, block }: Stands, now: bigint): boolean {
  return (offence?.at ?? 0n) > now || (block?.at ?? 0n) > now
}

/** How long a ban or block still holds. */
export function barredFor({ offence, block }: Stands, now: bigint): bigint {
  const ends = [0n, offence ? offence.at + offence.ban - now : 0n, block ? block.at + block.length - now : 0n]
  return ends.reduce((a, b) => (a > b ? a : b))
}

/** After a denial that may be an offence; null where it is none. */
export function offendedAt(
  { offence, block }: Stands,
  now: bigint,
  { bans, recoversAt }: { readonly bans: readonly number[]; readonly recoversAt: bigint },
): Stands | null {
  if (offence && offence.spends === 0 && offence.at + offence.quiet > now) return null
  const before = offence && offence.at + offence.kept > now ? offence.level : 0
  const level = Math.min(before + 1, bans.length)
  const ban = bans[level - 1] ?? 0
  const kept = BigInt(ban + Math.max(...bans))
  const quiet = recoversAt > now ? recoversAt - now : 0n
  return { block, offence: { level, at: now, ban: BigInt(ban), kept, quiet, spends: 0 } }
}

export function spent({ offence, block }: Stands): Stands {
  return { block, offence: offence && { ...offence, spends: offence.spends + 1 } }
}

export function undone({ offence, block }: Stands, at: bigint): Stands {
  const counts = offence !== undefined && at > offence.at && offence.spends > 0
  return { block, offence: counts ? { ...offence, spends: offence.spends - 1 } : offence }
}

/** After `block`: for `length`, or where that is 0 without block and ban. */
export function blockedAt({ offence }: Stands, now: bigint, length: bigint): Stands {
  if (length > 0n) return { offence, block: { at: now, length } }
  return { offence: offence && { ...offence, ban: 0n } }
}
