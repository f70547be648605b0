import type { Played } from '../../replay/judge.ts'
import { KeyTally } from '../../replay/key-tally.ts'
import { topKeys } from '../../replay/play-counts.ts'
import type { CountedKey } from '../../replay/play-report.ts'
import type { Player } from '../../replay/player.ts'

/** Where the mirrored configuration differs from what the service decided. */
export interface ServiceDifferenceView {
  /** Denied by the mirrored configuration alone: by which policy, and whose requests. */
  readonly newlyDenied: {
    readonly count: number
    readonly policies: readonly {
      readonly policy: string
      readonly count: number
      readonly keys: readonly CountedKey[]
    }[]
  }
  /** Denied by the service alone, of which a recording does not say by what. */
  readonly newlyAllowed: { readonly count: number }
}

/** What stands in place of a policy where a list denies. */
const DENY_LIST = '(deny)'

/** Compares what a player makes of requests with what the service did. */
export class ServiceDifference {
  readonly #player: Player
  readonly #denied = new Map<string, { count: number; readonly keys: KeyTally }>()
  #newlyAllowed = 0

  constructor(player: Player) {
    this.#player = player
  }

  /** To be called after the player has decided a request. What could not be decided was not denied. */
  add(played: Played, wasAllowed: boolean): void {
    const isDenied = played?.allowed === false
    if (isDenied !== wasAllowed) return
    if (!isDenied) {
      this.#newlyAllowed++
      return
    }
    const policy = played?.policy ?? DENY_LIST
    const known = this.#denied.get(policy) ?? { count: 0, keys: new KeyTally() }
    this.#denied.set(policy, known)
    known.count++
    const { deniedKey } = this.#player
    if (deniedKey !== null && played?.policy !== null) known.keys.add(deniedKey.key)
  }

  view(top: number): ServiceDifferenceView {
    const options = new Map(this.#player.policies.map((one) => [one.name, one]))
    const policies = Array.from(this.#denied, ([policy, { count, keys }]) => {
      const of = options.get(policy)
      return { policy, count, keys: of === undefined ? [] : topKeys(keys, of, top) }
    })
    return {
      newlyDenied: {
        count: policies.reduce((sum, { count }) => sum + count, 0),
        policies: policies.sort((a, b) => b.count - a.count),
      },
      newlyAllowed: { count: this.#newlyAllowed },
    }
  }
}
