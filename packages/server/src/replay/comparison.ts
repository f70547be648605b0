import type { KeyView, PolicyOptions } from 'headgate'
import type { Played } from './judge.ts'
import { KeyTally } from './key-tally.ts'
import { topKeys } from './play-counts.ts'
import type { CountedKey } from './play-report.ts'
import type { Player } from './player.ts'

/** Requests of one policy that only one of two configurations denies. */
export interface DifferentPolicy {
  /** The one that denies. */
  readonly policy: string
  readonly count: number
  readonly keys: readonly CountedKey[]
}

/** What only one of two configurations denies. */
export interface Difference {
  readonly count: number
  readonly policies: readonly DifferentPolicy[]
}

/** Who is denied by one of two configurations only. */
export interface ComparisonReport {
  /** Denied by the new one, and not by the old one. */
  readonly newlyDenied: Difference
  /** Denied by the old one, and not by the new one. */
  readonly newlyAllowed: Difference
}

/** Compares what two players make of the same requests. */
export class Comparison {
  readonly #next: DeniedByOne
  readonly #old: DeniedByOne

  constructor(next: Player, old: Player) {
    this.#next = new DeniedByOne(next)
    this.#old = new DeniedByOne(old)
  }

  /** To be called after both have decided a request. What could not be decided was not denied. */
  add(next: Played, old: Played): void {
    const isDenied = next?.allowed === false
    if (isDenied === (old?.allowed === false)) return
    if (isDenied) this.#next.add(next as NonNullable<Played>)
    else this.#old.add(old as NonNullable<Played>)
  }

  report(top = 10): ComparisonReport {
    return { newlyDenied: this.#next.view(top), newlyAllowed: this.#old.view(top) }
  }
}

/** What stands in place of a policy where a list denies. */
const DENY_LIST = '(deny)'

class DeniedByOne {
  readonly #player: Player
  readonly #policies = new Map<string, { count: number; readonly keys: KeyTally }>()
  #count = 0

  constructor(player: Player) {
    this.#player = player
  }

  add({ policy }: NonNullable<Played>): void {
    this.#count++
    const name = policy ?? DENY_LIST
    const known = this.#policies.get(name) ?? { count: 0, keys: new KeyTally() }
    this.#policies.set(name, known)
    known.count++
    const key: KeyView | null = this.#player.deniedKey
    if (key !== null && policy !== null) known.keys.add(key.key)
  }

  view(top: number): Difference {
    const named = new Map<string, PolicyOptions>(this.#player.policies.map((one) => [one.name, one]))
    const policies = [...this.#policies].map(([policy, { count, keys }]) => {
      const options = named.get(policy)
      return { policy, count, keys: options === undefined ? [] : topKeys(keys, options, top) }
    })
    return { count: this.#count, policies: policies.sort((a, b) => b.count - a.count) }
  }
}
