import type { Clock } from '../../core/clock.ts'
import type { HeadgateError } from '../../core/errors.ts'
import type { PartHealth } from '../../core/health-report.ts'
import { isProbed, type Store } from '../../core/store.ts'
import { checkFields } from '../../core/validate.ts'
import { checkWhole } from '../check-number.ts'
import { unrefClock } from '../clocks.ts'
import { passThrough, type Stoppable } from '../pass-through.ts'
import { Circuit } from './circuit.ts'

/** Options of {@link withBreaker}. */
export interface BreakerOptions {
  /**
   * Failed calls in a row after which the store is left alone.
   * @default 5
   */
  readonly failures?: number
  /**
   * Time for the probes.
   * @default the system's, with timers that let the process end
   */
  readonly clock?: Clock
  /**
   * Chance for the waits between probes, from 0 to below 1.
   * @default Math.random
   */
  readonly random?: () => number
  /** Told, whenever it opens, of the error that calls are refused with; its cause is the failure that was too many. */
  readonly onOpen?: (refusal: HeadgateError) => void
}

/** A store behind a circuit breaker. */
export interface Breaker extends Store, Stoppable {
  health(): PartHealth
}

const FAILURES = 5

/**
 * Leaves a failing store alone: after five failed calls in a row everything is refused at once with
 * `store-unavailable`, until a probe succeeds. A probe is the store's `ping`, in the background, 25 to 50 ms after
 * the breaker opened and then at longer intervals, up to 250 to 500 ms; where a store has none, it is the next call
 * after that wait. Wrong use does not count as a failure, nor do timeouts that are not the store's fault.
 */
export function withBreaker(store: Store, options: BreakerOptions = {}): Breaker {
  checkFields(options, ['failures', 'clock', 'random', 'onOpen'], 'withBreaker')
  const { failures = FAILURES, clock = unrefClock, random = Math.random, onOpen = () => {} } = options
  checkWhole(failures, 'withBreaker.failures')
  const ping = isProbed(store) ? () => store.ping() : null
  const circuit = new Circuit({ failures, clock, random, ping, onOpen })
  return {
    ...passThrough(store, (call) => circuit.call(call)),
    // As `call`, without its closure.
    decide(verb, requests, given) {
      if (circuit.refuses()) return circuit.refusal()
      return circuit.observe(store.decide(verb, requests, given))
    },
    health: () => circuit.health(),
    stop: () => circuit.stop(),
    close() {
      circuit.stop()
      return store.close()
    },
  }
}
