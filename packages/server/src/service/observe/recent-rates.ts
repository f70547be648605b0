import type { OutcomeCounts } from './outcome-counts.ts'
import { Ring } from './ring.ts'

/** What was counted since the start. */
export interface RateTotals {
  readonly decisions: number
  readonly denied: number
  readonly shadowDenied: number
  readonly errors: number
}

/** What several threads counted together. */
export function addRates(all: readonly RateTotals[]): RateTotals {
  return all.reduce((sum, { decisions, denied, shadowDenied, errors }) => ({
    decisions: sum.decisions + decisions,
    denied: sum.denied + denied,
    shadowDenied: sum.shadowDenied + shadowDenied,
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

/** What was decided in one second. */
export interface SecondCounts extends OutcomeCounts {
  /** When it ended, in milliseconds since 1970. */
  readonly at: number
}

const SPANS_S = [1, 10, 60] as const
const HISTORY_S = 300

interface Second {
  readonly at: number
  readonly totals: RateTotals
}

/** How fast totals grow: over the last second, ten seconds and minute, and in each second of the last minutes. */
export class RecentRates {
  readonly #seconds = new Ring<Second>(HISTORY_S + 1)

  /** `now` is in milliseconds since 1970. */
  constructor(now: number) {
    this.#seconds.push({ at: now, totals: { decisions: 0, denied: 0, shadowDenied: 0, errors: 0 } })
  }

  /** The totals of each second, as it ends. */
  push(at: number, totals: RateTotals): void {
    this.#seconds.push({ at, totals })
  }

  view(): RateView[] {
    const [newest, ...older] = this.#seconds.newestFirst().map(({ totals }) => totals)
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

  /** Of each of the last 300 seconds, oldest first; of fewer, while there were no more. */
  history(): SecondCounts[] {
    const seconds = this.#seconds.oldestFirst()
    return seconds.slice(1).map(({ at, totals }, i) => secondCounts(at, totals, seconds[i]?.totals ?? totals))
  }
}

/** Totals that shrink, as where a thread could not tell its last counts, are no decisions taken back. */
function secondCounts(at: number, totals: RateTotals, former: RateTotals): SecondCounts {
  const grown = (name: keyof RateTotals): number => Math.max(0, totals[name] - former[name])
  const denied = grown('denied')
  return {
    at,
    allowed: Math.max(0, grown('decisions') - denied),
    denied,
    shadowDenied: grown('shadowDenied'),
  }
}
