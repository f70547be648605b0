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
   * Consecutive failures after which the breaker opens.
   * @default 5
   */
  readonly failures?: number
  /**
   * Clock and timers of the probes.
   * @default the system's, with timers that let the process end
   */
  readonly clock?: Clock
  /**
   * Source of the random delays between probes; returns a number from 0 to below 1.
   * @default Math.random
   */
  readonly random?: () => number
  /** Called whenever the breaker opens, with the error of refused calls; its cause is the last failure. */
  readonly onOpen?: (refusal: HeadgateError) => void
}

/** A store behind a circuit breaker. */
export interface Breaker extends Store, Stoppable {
  health(): PartHealth
}

const FAILURES = 5

/**
 * A circuit breaker: after five consecutive failures it refuses all calls at once with `store-unavailable`, until a
 * probe succeeds. A probe is the store's `ping`, in the background, 25 to 50 ms after the breaker opened and then at
 * longer intervals, up to 250 to 500 ms; for a store without `ping` it is the next call after that delay. Wrong use
 * does not count as a failure, nor do timeouts that are not the store's fault.
 */
export function withBreaker(store: Store, options: BreakerOptions = {}): Breaker {
  checkFields(options, ['failures', 'clock', 'random', 'onOpen'], 'withBreaker')
  const { failures = FAILURES, clock = unrefClock, random = Math.random, onOpen = () => {} } = options
  checkWhole(failures, 'withBreaker.failures')
  const ping = isProbed(store) ? () => store.ping() : null
  const circuit = new Circuit({ failures, clock, random, ping, onOpen })
  return {
    ...passThrough(store, (call) => circuit.call(call)),
    // Same as `circuit.call`, without a closure per decision.
    decide(verb, requests, decideOptions) {
      if (circuit.refuses()) return circuit.refusal()
      return circuit.observe(store.decide(verb, requests, decideOptions))
    },
    health: () => circuit.health(),
    stop: () => circuit.stop(),
    close() {
      circuit.stop()
      return store.close()
    },
  }
}
