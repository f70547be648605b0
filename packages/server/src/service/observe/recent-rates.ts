import { Ring } from './ring.ts'

/** What was counted since the start. */
export interface RateTotals {
  readonly decisions: number
  readonly denied: number
  readonly errors: number
}

/** What several threads counted together. */
export function addRates(all: readonly RateTotals[]): RateTotals {
  return all.reduce((sum, { decisions, denied, errors }) => ({
    decisions: sum.decisions + decisions,
    denied: sum.denied + denied,
    errors: sum.errors + errors,
  }))
}

/** How many there were in a second, on average over the last so many. */
export interface RateView {
  readonly overSeconds: number
  readonly decisionsPerSecond: number
  readonly deniedPerSecond: number
  readonly errorsPerSecond: number
}

const SPANS_S = [1, 10, 60] as const

/** How fast totals grow, over the last second, ten seconds and minute. */
export class RecentRates {
  readonly #totals = new Ring<RateTotals>(Math.max(...SPANS_S) + 1)

  constructor() {
    this.#totals.push({ decisions: 0, denied: 0, errors: 0 })
  }

  /** The totals of each second. */
  push(totals: RateTotals): void {
    this.#totals.push(totals)
  }

  view(): RateView[] {
    const [newest, ...older] = this.#totals.newestFirst()
    return SPANS_S.map((span) => {
      const seconds = Math.max(1, Math.min(span, older.length))
      const former = older[seconds - 1] ?? newest
      const perSecond = (name: keyof RateTotals): number => {
        const grown = ((newest as RateTotals)[name] - (former as RateTotals)[name]) / seconds
        return Math.round(grown * 10) / 10
      }
      return {
        overSeconds: span,
        decisionsPerSecond: perSecond('decisions'),
        deniedPerSecond: perSecond('denied'),
        errorsPerSecond: perSecond('errors'),
      }
    })
  }
}
