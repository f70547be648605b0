import type { PolicyOptions } from 'headgate'
import type { Played } from './judge.ts'
import { KeyTally } from './key-tally.ts'
import { topKeys } from './play-counts.ts'
import type { CountedKey } from './play-report.ts'
import type { Player } from './player.ts'

/** Requests of one policy that only one of two denies. */
export interface DifferentPolicy {
  /** The one that denies. */
  readonly policy: string
  readonly count: number
  readonly keys: readonly CountedKey[]
}

/** What only one of two denies. */
export interface Difference {
  readonly count: number
  readonly policies: readonly DifferentPolicy[]
}

/** What stands in place of a policy where a list denies. */
const DENY_LIST = '(deny)'

/** Counts what a player denies and another does not, by policy and key. */
export class DifferenceTally {
  readonly #player: Player
  readonly #policies = new Map<string, { count: number; readonly keys: KeyTally }>()
  #count = 0

  constructor(player: Player) {
    this.#player = player
  }

  /** To be called right after the player has denied it. */
  add({ policy }: NonNullable<Played>): void {
    this.#count++
    const name = policy ?? DENY_LIST
    const known = this.#policies.get(name) ?? { count: 0, keys: new KeyTally() }
    this.#policies.set(name, known)
    known.count++
    const { deniedKey } = this.#player
    if (deniedKey !== null && policy !== null) known.keys.add(deniedKey.key)
  }

  /** With so many keys of each policy. */
  view(top: number): Difference {
    const named = new Map<string, PolicyOptions>(this.#player.policies.map((one) => [one.name, one]))
    const policies = Array.from(this.#policies, ([policy, { count, keys }]) => {
      const options = named.get(policy)
      return { policy, count, keys: options === undefined ? [] : topKeys(keys, options, top) }
    })
    return { count: this.#count, policies: policies.sort((a, b) => b.count - a.count) }
  }
}
