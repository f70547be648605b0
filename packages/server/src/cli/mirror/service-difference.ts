import { type Difference, DifferenceTally } from '../../replay/difference-tally.ts'
import type { Played } from '../../replay/judge.ts'
import type { Player } from '../../replay/player.ts'

/** Where the mirrored configuration differs from what the service decided. */
export interface ServiceDifferenceView {
  /** Denied by the mirrored configuration alone. */
  readonly newlyDenied: Difference
  /** Denied by the service alone, of which a recording does not say by what. */
  readonly newlyAllowed: Pick<Difference, 'count'>
}

/** Compares what a player makes of requests with what the service did. */
export class ServiceDifference {
  readonly #denied: DifferenceTally
  #newlyAllowed = 0

  constructor(player: Player) {
    this.#denied = new DifferenceTally(player)
  }

  /** To be called after the player has decided a request. What could not be decided was not denied. */
  add(played: Played, wasAllowed: boolean): void {
    if (played?.allowed === false && wasAllowed) this.#denied.add(played)
    else if (played?.allowed !== false && !wasAllowed) this.#newlyAllowed++
  }

  view(top: number): ServiceDifferenceView {
    return { newlyDenied: this.#denied.view(top), newlyAllowed: { count: this.#newlyAllowed } }
  }
}
