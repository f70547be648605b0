/** What can be done to a key: the call, the question before it, and what is said afterwards. */
import type { Health, PolicyUse } from '../live/admin-answers.ts'
import type { Reach } from './key-reach.ts'
import { EVERYBODY } from './read-key.ts'

/** One thing that is done once a person has confirmed it. */
export interface KeyAction {
  readonly path: string
  readonly body: object
  readonly question: string
  readonly consequence: string
  /** What the button says. */
  readonly verb: string
  /** What is said afterwards, before the policies that it reached. */
  readonly done: string
}

/** A key that is looked at. */
export interface ActedOn {
  /** In words. */
  readonly name: string
  readonly reach: Reach
  readonly policies: readonly PolicyUse[]
}

/** Why a token cannot do any of this; null where it can, or nobody knows yet. */
export function refusalOf(health: Pick<Health, 'token'> | null): string | null {
  const token = health?.token ?? null
  if (token === null || token.scopes.includes('admin')) return null
  return `The token “${token.name}” only looks: to reset, block or unblock this key takes one with the scope admin.`
}

/** Forgets what was spent. */
export function resetAction({ name, reach, policies }: ActedOn): KeyAction {
  return {
    path: 'v1/reset',
    body: reach,
    question: `Reset ${name}?`,
    consequence: `What was spent in ${reached(reach, policies)} is forgotten, at every instance. This cannot be undone.`,
    verb: 'Reset',
    done: `${name} was reset`,
  }
}

/** Denies everything for a time, such as `10m`. */
export function blockAction({ name, reach, policies }: ActedOn, duration: string): KeyAction {
  return {
    path: 'v1/block',
    body: { ...reach, duration },
    question: `Block ${name} for ${duration}?`,
    consequence: `Every request is denied in ${reached(reach, policies)}, at every instance, until that is over or somebody unblocks it.`,
    verb: 'Block',
    done: `${name} is blocked for ${duration}`,
  }
}

/** Ends blocks and bans. */
export function unblockAction({ name, reach, policies }: ActedOn): KeyAction {
  return {
    path: 'v1/unblock',
    body: reach,
    question: `Unblock ${name}?`,
    consequence: `Blocks and bans end in ${reached(reach, policies)}; what was spent stays.`,
    verb: 'Unblock',
    done: `${name} is unblocked`,
  }
}

/** The policies that a call reaches: one that is named, else those whose budget is not that of everybody. */
function reached({ policy }: Reach, policies: readonly PolicyUse[]): string {
  if (policy !== undefined) return policy
  const own = policies.filter(({ key }) => key !== EVERYBODY).map((use) => use.policy)
  return own.length === 0 ? 'no policy' : own.join(', ')
}
