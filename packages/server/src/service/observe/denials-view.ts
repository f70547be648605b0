import type { Visibility } from '../access/visibility.ts'
import { DENIALS_KEPT, type DenialView, type KeptDenial } from './recent-denials.ts'

/** Which denials are wanted. */
export interface DenialQuery {
  /** @default all */
  readonly policy?: string
  /**
   * Of this budget, as denials have its key; where a policy is named, of that one.
   * @default all
   */
  readonly key?: string
  /** How many at most. */
  readonly limit: number
}

/** The last denials as somebody may see them. */
export interface Denials {
  /** Newest first. */
  readonly denials: readonly DenialView[]
  /** Since when all are known, in milliseconds since 1970; null: since the start. */
  readonly since: number | null
}

/** Of what each thread keeps, newest first, the last that a single one would keep; newest first. */
export function mergeDenials(parts: readonly (readonly KeptDenial[])[]): KeptDenial[] {
  const filled = parts.filter(({ length }) => length > 0)
  // A clock that is put back changes no order within a thread.
  if (filled.length === 1) return [...(filled[0] as readonly KeptDenial[])]
  const all = filled.flat().sort((a, b) => b.at - a.at)
  return all.slice(0, DENIALS_KEPT)
}

/** Those that are wanted; `lostAt` is when some were lost that nobody counts any more, null for never. */
export function denialsView(
  visibility: Visibility,
  kept: readonly KeptDenial[],
  { query: { policy, key, limit }, lostAt }: { readonly query: DenialQuery; readonly lostAt: number | null },
): Denials {
  const wanted = kept.filter(
    (denial) =>
      (policy === undefined || denial.policy === policy) &&
      isSeen(denial, visibility) &&
      (key === undefined || isAbout(denial, { key, policy, visibility })),
  )
  const since = kept.length < DENIALS_KEPT ? null : (kept[DENIALS_KEPT - 1]?.at ?? null)
  return {
    denials: wanted.slice(0, limit).map((denial) => denialView(denial, visibility)),
    since: lostAt === null ? since : Math.max(lostAt, since ?? lostAt),
  }
}

interface WantedKey {
  readonly key: string
  readonly policy: string | undefined
  readonly visibility: Visibility
}

/** Whether it asked the budget of a key, as far as somebody may know that. */
function isAbout({ keys }: KeptDenial, { key, policy, visibility }: WantedKey): boolean {
  return keys.some(
    (one) =>
      one.key === key &&
      (policy === undefined || one.policy === policy) &&
      visibility.reaches(one.policy, one.options),
  )
}

/** Whether somebody may see it. */
export function isSeen(
  { policy, options }: Pick<KeptDenial, 'policy' | 'options'>,
  visibility: Visibility,
): boolean {
  return visibility.isAll || (policy !== null && visibility.reaches(policy, options))
}

/** What somebody who may see it sees of it. */
export function denialView({ options: _, ...denial }: KeptDenial, visibility: Visibility): DenialView {
  const { keys, actor } = denial
  const seen = keys.filter(({ policy, options }) => visibility.reaches(policy, options))
  return {
    ...denial,
    keys: seen.map(({ policy, key }) => ({ policy, key })),
    actor: actor !== null && (visibility.isAll || visibility.isOwn(actor)) ? actor : null,
  }
}
