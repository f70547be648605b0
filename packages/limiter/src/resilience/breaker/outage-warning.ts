import type { Clock } from '../../core/clock.ts'
import { isProbed, type Store } from '../../core/store.ts'
import { blameOf, viewOf } from '../store-failure.ts'

/** A store that is left alone now. */
export interface Outage {
  /** The store itself, without a deadline. */
  readonly store: Store
  readonly deadlineMs: number
  readonly clock: Pick<Clock, 'now' | 'after'>
  /** The failure that was too many. */
  readonly cause: unknown
}

/** How a warning is given. */
export type EmitWarning = (
  message: string,
  options: { readonly type: string; readonly code: string; readonly detail: string },
) => void

/** Round trips measured, since the first may open a connection, and how long they may take together. */
const PINGS = 3
const PATIENCE_MS = 1000

/** Says once that a store is left alone, and why: a store that is too far, or a wrong password, must not go unnoticed. */
export class OutageWarning {
  readonly #emit: EmitWarning
  #isTold = false
  /** The store whose round trips are measured, and the end of that. */
  #measured: { readonly store: Store; readonly end: () => void } | null = null

  constructor(emit: EmitWarning) {
    this.#emit = emit
  }

  async tell({ store, deadlineMs, clock, cause }: Outage): Promise<void> {
    if (this.#isTold) return
    this.#isTold = true
    // Where the store answered otherwise, what it said is the cause.
    const isMeasured = blameOf(cause) === 'store' && isProbed(store)
    const roundTripMs = isMeasured ? await this.#roundTrip(store, () => store.ping(), clock) : 0
    const what = `The store is left alone after failures, and onStoreError decides: ${viewOf(cause, 0).message}`
    const why =
      roundTripMs > deadlineMs
        ? `; the deadline of ${deadlineMs} ms is below the round trip of ${roundTripMs} ms; raise deadlineMs`
        : ''
    this.#emit(what + why, {
      type: 'HeadgateWarning',
      code: 'HEADGATE_STORE_UNAVAILABLE',
      detail: 'docs/guide/when-the-store-fails.md#the-warning',
    })
  }

  /** Ends what is measured of a store: nobody uses it any more. */
  stop(store: Store): void {
    if (this.#measured?.store === store) this.#measured.end()
  }

  /** The shortest of some round trips in whole milliseconds; 0 where none came back in time. */
  #roundTrip(store: Store, ping: () => Promise<void>, clock: Outage['clock']): Promise<number> {
    return new Promise((resolve) => {
      let shortestMs = 0
      const end = (): void => {
        cancel()
        this.#measured = null
        resolve(shortestMs)
      }
      const cancel = clock.after(PATIENCE_MS, end)
      this.#measured = { store, end }
      const measure = async (): Promise<void> => {
        for (let i = 0; i < PINGS; i++) {
          const startUs = clock.now()
          await ping()
          const ms = Math.ceil((clock.now() - startUs) / 1000)
          shortestMs = shortestMs === 0 ? ms : Math.min(shortestMs, ms)
        }
      }
      measure().then(end, end)
    })
  }
}

/** The warning of this process, given at most once however many limiters there are. */
export const outageWarning: OutageWarning = new OutageWarning((message, options) =>
  process.emitWarning(message, options),
)
