import { type Difference, DifferenceTally } from './difference-tally.ts'
import type { Played } from './judge.ts'
import type { Player } from './player.ts'

/** Who is denied by one of two configurations only. */
export interface ComparisonReport {
  /** Denied by the new one, and not by the old one. */
  readonly newlyDenied: Difference
  /** Denied by the old one, and not by the new one. */
  readonly newlyAllowed: Difference
}

/** Compares what two players make of the same requests. */
export class Comparison {
  readonly #next: DifferenceTally
  readonly #old: DifferenceTally

  constructor(next: Player, old: Player) {
    this.#next = new DifferenceTally(next)
    this.#old = new DifferenceTally(old)
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
