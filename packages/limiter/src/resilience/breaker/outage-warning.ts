import type { Clock } from '../../core/clock.ts'
import { isProbed, type Store } from '../../core/store.ts'
import { warn } from '../../core/warn.ts'
import { blameOf, viewOf } from '../store-failure.ts'

/** A store whose breaker has opened. */
export interface Outage {
  /** The store itself, without a deadline. */
  readonly store: Store
  readonly deadlineMs: number
  readonly clock: Pick<Clock, 'now' | 'after'>
  /** The failure that opened the breaker. */
  readonly cause: unknown
}

/** Round trips that are measured; more than one, since the first may open a connection. */
const PINGS = 3
/** How long the measurement may take. */
const MEASURE_MS = 1000

/** Warns once that a breaker has opened, and why: a store too far away, or a wrong password, must not go unnoticed. */
export class OutageWarning {
  readonly #emit: typeof warn
  #isEmitted = false
  /** The store whose round trips are being measured, and a function that stops that. */
  #measured: { readonly store: Store; readonly end: () => void } | null = null

  constructor(emit: typeof warn) {
    this.#emit = emit
  }

  /** Measures round trips if the store timed out, then emits the warning; does nothing after the first call. */
  async emitOnce({ store, deadlineMs, clock, cause }: Outage): Promise<void> {
    if (this.#isEmitted) return
    this.#isEmitted = true
    // Only for timeouts: any other failure explains itself.
    const isMeasured = blameOf(cause) === 'store' && isProbed(store)
    const roundTripMs = isMeasured ? await this.#roundTrip(store, () => store.ping(), clock) : 0
    const what = `The store is not asked after repeated failures, and onStoreError decides: ${viewOf(cause, 0).message}`
    const why =
      roundTripMs > deadlineMs
        ? `; the deadline of ${deadlineMs} ms is below the round trip of ${roundTripMs} ms; raise deadlineMs`
        : ''
    this.#emit('HEADGATE_STORE_UNAVAILABLE', what + why)
  }

  /** Stops a measurement of this store, which is no longer used. */
  stop(store: Store): void {
    if (this.#measured?.store === store) this.#measured.end()
  }

  /** The shortest of some round trips in whole milliseconds; 0 if none came back in time. */
  #roundTrip(store: Store, ping: () => Promise<void>, clock: Outage['clock']): Promise<number> {
    return new Promise((resolve) => {
      let shortestMs = 0
      const end = (): void => {
        cancel()
        this.#measured = null
        resolve(shortestMs)
      }
      const cancel = clock.after(MEASURE_MS, end)
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

/** The warning of this process, emitted at most once for all limiters. */
export const outageWarning: OutageWarning = new OutageWarning(warn)
