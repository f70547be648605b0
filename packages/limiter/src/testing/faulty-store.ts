import { type Clock, checkClock, systemClock } from '../core/clock.ts'
import { type Duration, parseDuration } from '../core/duration.ts'
import { HeadgateError, wrong } from '../core/errors.ts'
import { clockOf, type Store } from '../core/store.ts'
import { checkFields, isRecord } from '../core/validate.ts'

/**
 * What becomes of a call of a store.
 *
 * | fault | |
 * | --- | --- |
 * | `none` | it is carried out and answered |
 * | `fail` | it is not carried out, and rejects at once |
 * | `hang` | it is not carried out, and never answered |
 * | `lose` | it is carried out, but its answer is lost: it rejects |
 * | `{ late: '50ms' }` | it is carried out at once, and answered that much later by the clock |
 */
export type Fault = 'none' | 'fail' | 'hang' | 'lose' | { readonly late: Duration }

/** Options of {@link faultyStore}. */
export interface FaultyStoreOptions {
  /**
   * Faults of the first calls, one each, as of {@link FaultyStore.next}.
   * @default none
   */
  readonly faults?: readonly Fault[]
  /**
   * Time for answers that are late.
   * @default the clock of the store, else that of the system
   */
  readonly clock?: Clock
}

/** A store whose calls fail as a test wants it. */
export interface FaultyStore extends Store {
  /**
   * Has the next calls meet these faults, one each, after those that are still due. Probes and heartbeats of a guard take none
   * of them, since nobody knows when they come.
   */
  next(...faults: Fault[]): void
  /** Has every further call meet this fault, probes and heartbeats as well, once the faults of `next` are used up. */
  always(fault: Fault): void
}

/** What a guard calls in the background. */
const BACKGROUND = ['ping', 'heartbeat']
const FAULTED = ['decide', 'acquire', 'refund', 'reset', 'block', 'claim', 'unclaim', ...BACKGROUND]
/** Ways around the methods that can fail. */
const HIDDEN = [
  'decideSync',
  'refundSync',
  'resetSync',
  'blockSync',
  'decideAtOnce',
  'queues',
  'guard',
  'parts',
]

/**
 * Wraps a store so that its calls fail on demand, to test what a limiter does then: pass it to `guarded`. It has no synchronous
 * methods. Wrong options and faults throw `invalid-options`.
 *
 * ```ts
 * const store = faultyStore(memoryStore({ clock }))
 * const limiter = createLimiter({ limit: '5/min', store: guarded(store), onStoreError: 'closed', clock })
 * store.next('none', 'fail')
 * ```
 */
export function faultyStore(store: Store, options: FaultyStoreOptions = {}): FaultyStore {
  checkFields(options, ['faults', 'clock'], 'faultyStore')
  checkClock(options.clock, 'faultyStore.clock')
  const clock = options.clock ?? clockOf(store) ?? systemClock()
  const script = new FaultScript()
  script.next(...(options.faults ?? []))
  const own = {
    next: (...faults: Fault[]): void => script.next(...faults),
    always: (fault: Fault): void => script.always(fault),
  }
  return new Proxy(store, {
    get(target, name) {
      if (name === 'next' || name === 'always') return own[name]
      if (HIDDEN.includes(String(name))) return undefined
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      const call = value.bind(target)
      if (!FAULTED.includes(String(name))) return call
      return (...args: unknown[]) => withFault(script.take(String(name)), () => call(...args), clock)
    },
    has: (target, name) => name in own || (!HIDDEN.includes(String(name)) && Reflect.has(target, name)),
  }) as FaultyStore
}

/** The faults to come. */
class FaultScript {
  readonly #due: Fault[] = []
  #lasting: Fault = 'none'

  next(...faults: Fault[]): void {
    faults.forEach(checkFault)
    this.#due.push(...faults)
  }

  always(fault: Fault): void {
    checkFault(fault)
    this.#lasting = fault
  }

  take(method: string): Fault {
    return (BACKGROUND.includes(method) ? undefined : this.#due.shift()) ?? this.#lasting
  }
}

function checkFault(fault: unknown): void {
  if (['none', 'fail', 'hang', 'lose'].includes(fault as string)) return
  if (!isRecord(fault) || !('late' in fault)) {
    throw wrong(fault, "is not a fault; use none, fail, hang, lose or { late: '50ms' }", 'fault')
  }
  parseDuration(fault.late as Duration, 'fault.late')
}

async function withFault<T>(fault: Fault, call: () => Promise<T>, clock: Pick<Clock, 'after'>): Promise<T> {
  if (fault === 'hang') return new Promise<never>(() => {})
  if (fault === 'fail') throw injected('The store was made to fail by a test')
  const answer = await call()
  if (fault === 'lose') throw injected('The answer of the store was made to be lost by a test')
  if (fault === 'none') return answer
  const lateMs = parseDuration(fault.late, 'fault.late')
  return new Promise((resolve) => clock.after(lateMs, () => resolve(answer)))
}

function injected(message: string): HeadgateError {
  return new HeadgateError('store-unavailable', message)
}
